import type { WebhookEventType, WebhookMessage } from "../canonical/webhook-delivery.ts";
import { sha256 } from "../lib/sha256.ts";
import type { CountedSql } from "./storage.ts";

/** Run at the first notice, so that a tenant without events has none of it. Without row ids: one row written, not two. */
const ANNOUNCER_TABLES = [
  `CREATE TABLE IF NOT EXISTS notice (
    key TEXT PRIMARY KEY,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    kept_until INTEGER,
    data TEXT
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS delivery (
    notice TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    next_at INTEGER,
    attempts TEXT NOT NULL,
    PRIMARY KEY (notice, webhook_id)
  ) WITHOUT ROWID`,
];

/** Something to be told, once for each webhook. */
export interface StoredNotice {
  key: string;
  event: WebhookEventType;
  /** Milliseconds since the epoch. */
  at: number;
  data: Record<string, unknown>;
  /** Until when a repetition is recognized; null: for good. */
  keptUntil: number | null;
}

/** An attempt, as the delivery's row keeps it until Postgres has it. */
export interface Attempt {
  at: number;
  status: number | null;
  error: string | null;
  durationMs: number;
  delivered: boolean;
  nextAt: number | null;
}

/** A notice on its way to one webhook. */
export interface Delivery {
  readonly notice: string;
  readonly webhookId: string;
  readonly attempts: Attempt[];
  /** When to try next; null when it is over, and only its log may be waiting. */
  nextAt: number | null;
  /** How many of the attempts Postgres is known to have. After a restart it is asked to take all of them again. */
  recorded: number;
}

interface DeliveryRow extends Record<string, string | number | null> {
  notice: string;
  webhook_id: string;
  next_at: number | null;
  attempts: string;
}

type NoticeRow = { event: WebhookEventType; at: number; data: string };

const ID_LENGTH = 20;

/** The id of a notice's delivery to a webhook: always the same, so that a receiver recognizes a repetition. */
export async function deliveryId(notice: string, webhookId: string): Promise<string> {
  const number = BigInt(`0x${await sha256(`${webhookId}\n${notice}`)}`) % 36n ** BigInt(ID_LENGTH);
  return `dlv_${number.toString(36).padStart(ID_LENGTH, "0")}`;
}

/** Notices and deliveries: both in SQL, what is under way in memory as well. Read when it is first needed. */
export class DeliveryStore {
  readonly #sql: CountedSql;
  #underWay: Set<Delivery> | null = null;
  #tables = false;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** Deliveries that are not over, or whose log Postgres may not have. */
  get underWay(): ReadonlySet<Delivery> {
    return this.#load();
  }

  /** Stores a notice with a delivery for each webhook, all or nothing. False when its key is there already. */
  add(notice: StoredNotice, webhookIds: readonly string[]): boolean {
    const underWay = this.#load();
    if (this.#tables && this.#sql.rows("SELECT 1 FROM notice WHERE key = ?", notice.key).length > 0) return false;
    const deliveries = webhookIds.map(
      (webhookId): Delivery => ({ notice: notice.key, webhookId, attempts: [], nextAt: notice.at, recorded: 0 }),
    );
    this.#sql.transaction(() => {
      if (!this.#tables) for (const table of ANNOUNCER_TABLES) this.#sql.write(table);
      this.#sql.write(
        "INSERT INTO notice (key, event, at, kept_until, data) VALUES (?, ?, ?, ?, ?)",
        notice.key,
        notice.event,
        notice.at,
        notice.keptUntil,
        deliveries.length === 0 ? null : JSON.stringify(notice.data),
      );
      for (const { webhookId, nextAt } of deliveries) {
        this.#sql.write(
          "INSERT INTO delivery (notice, webhook_id, next_at, attempts) VALUES (?, ?, ?, '[]')",
          notice.key,
          webhookId,
          nextAt,
        );
      }
    });
    this.#tables = true;
    for (const delivery of deliveries) underWay.add(delivery);
    return true;
  }

  /** What a delivery sends. */
  async messageOf({ notice, webhookId }: Delivery): Promise<WebhookMessage> {
    const [row] = this.#sql.rows<NoticeRow>("SELECT event, at, data FROM notice WHERE key = ?", notice);
    if (row === undefined) throw new Error(`there is no notice ${notice}`);
    return {
      type: row.event,
      id: await deliveryId(notice, webhookId),
      timestamp: new Date(row.at).toISOString(),
      data: JSON.parse(row.data) as Record<string, unknown>,
    };
  }

  /** Writes a delivery that has changed; one that is over and recorded is deleted. */
  save(delivery: Delivery): void {
    const { notice, webhookId, nextAt, attempts, recorded } = delivery;
    if (nextAt === null && recorded === attempts.length) {
      this.#sql.write("DELETE FROM delivery WHERE notice = ? AND webhook_id = ?", notice, webhookId);
      this.#load().delete(delivery);
      return;
    }
    this.#sql.write(
      "UPDATE delivery SET next_at = ?, attempts = ? WHERE notice = ? AND webhook_id = ?",
      nextAt,
      JSON.stringify(attempts),
      notice,
      webhookId,
    );
  }

  /** Forgets the notices that nobody will repeat. */
  prune(now: number): void {
    this.#load();
    if (!this.#tables) return;
    this.#sql.write("DELETE FROM notice WHERE kept_until < ? AND key NOT IN (SELECT notice FROM delivery)", now);
  }

  #load(): Set<Delivery> {
    if (this.#underWay !== null) return this.#underWay;
    const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'delivery'";
    this.#tables = this.#sql.rows(query).length > 0;
    const rows = this.#tables ? this.#sql.rows<DeliveryRow>("SELECT * FROM delivery ORDER BY next_at") : [];
    this.#underWay = new Set(
      rows.map((row): Delivery => {
        const attempts = JSON.parse(row.attempts) as Attempt[];
        return { notice: row.notice, webhookId: row.webhook_id, attempts, nextAt: row.next_at, recorded: 0 };
      }),
    );
    return this.#underWay;
  }
}
