import { createHmac } from "node:crypto";
import type { WebhookRecord } from "../../../worker/canonical/tenant.ts";
import type { DeliveryLogRow, WebhookMessage } from "../../../worker/canonical/webhook-delivery.ts";
import { Announcer, type Notice } from "../../../worker/ledger/announcer.ts";
import type { Answer } from "../../../worker/ledger/delivery-send.ts";
import { CountedSql } from "../../../worker/ledger/storage.ts";
import type { LogEntry } from "../../../worker/lib/log.ts";
import { webhook } from "./announcer-notices.ts";
import { SqliteStorage } from "./sqlite-storage.ts";
import { BEGINNING } from "./world.ts";

const SECRET_BYTES = "a secret of its own: ";

/** What a receiver does: a status, a status with Retry-After, no connection, or no answer until it is released. */
export type Behaviour = number | { status: number; retryAfter: string } | "unreachable" | "hang";

export interface Sent {
  webhookId: string;
  at: number;
  headers: Record<string, string>;
  body: string;
  message: WebhookMessage;
}

const answerOf = (behaviour: Exclude<Behaviour, "hang">): Answer => {
  if (behaviour === "unreachable") return { status: null, retryAfter: null, error: "the address could not be reached" };
  const { status, retryAfter } = typeof behaviour === "number" ? { status: behaviour, retryAfter: null } : behaviour;
  return { status, retryAfter, error: null };
};

/** An Announcer with its storage, clock, receivers and database in memory; it can be lost and started again. */
export class AnnouncerWorld {
  now = BEGINNING;
  random = 0;
  readonly storage = new SqliteStorage();
  webhooks: WebhookRecord[];
  /** Answers of a webhook's receiver in order; afterwards it answers 200. */
  readonly script = new Map<string, Behaviour[]>();
  readonly sent: Sent[] = [];
  readonly hanging: { webhookId: string; release(behaviour: Exclude<Behaviour, "hang">): void }[] = [];
  readonly logs: LogEntry[] = [];
  /** Postgres: rows by their key. */
  readonly rows = new Map<string, DeliveryLogRow>();
  readonly batches: DeliveryLogRow[][] = [];
  /** Thrown by the database, after storing when `ackLost`. */
  databaseFailure: Error | null = null;
  ackLost = false;
  /** What the database waits for before it answers. */
  databaseAnswers: Promise<void> = Promise.resolve();
  poison: string | null = null;
  poisonFailure: Error | null = null;
  sealedFor: string | null = null;
  /** Called while a secret is opened. */
  unsealing = () => {};
  /** Webhooks that were sent to and must not have been. */
  readonly violations: string[] = [];
  /** Calls outside, or answers from there, until the object dies; null: it lives. */
  dieIn: number | null = null;
  deaths = 0;
  /** The durable alarm, set as the Ledger sets it: only ever earlier. */
  armedAt: number | null = null;
  /** Sends under way, and the most there ever were. */
  readonly underWay: string[] = [];
  mostUnderWay = 0;
  announcer: Announcer;
  #died = Promise.withResolvers<void>();
  #generation = 0;

  constructor(webhooks: WebhookRecord[] = [webhook("whk_one")]) {
    this.webhooks = webhooks;
    this.announcer = this.#start();
  }

  /** The object is lost with its memory: what it waited for is never answered. The alarm stays. */
  evict(): void {
    this.hanging.length = 0;
    this.underWay.length = 0;
    this.deaths++;
    this.dieIn = null;
    const died = this.#died;
    this.#died = Promise.withResolvers();
    this.announcer = this.#start();
    died.resolve();
  }

  announce(given: Notice): void {
    this.announcer.announce(given);
    this.#arm();
  }

  async test(webhookId: string): Promise<string | null> {
    const id = await this.announcer.test(webhookId);
    this.#arm();
    return id;
  }

  change(id: string, to: Partial<WebhookRecord>): void {
    this.webhooks = this.webhooks.map((record) => (record.id === id ? { ...record, ...to } : record));
  }

  /** The alarm, as the Ledger's; resolves when the run has, or when the object has died in it. */
  ring(): Promise<void> {
    this.armedAt = null;
    const { announcer } = this;
    const died = this.#died.promise;
    const { dueAt } = announcer;
    const run = dueAt !== null && dueAt <= this.now ? announcer.run() : Promise.resolve();
    this.#arm();
    const ended = run.then(() => {
      if (announcer === this.announcer) this.#arm();
    });
    return Promise.race([ended, died]);
  }

  /** Lets time pass, ringing whenever the alarm is due. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    let rings = 0;
    while (this.armedAt !== null && this.armedAt <= until) {
      rings = this.armedAt > this.now ? 0 : rings + 1;
      if (rings > 100) throw new Error("it rings for ever");
      this.now = Math.max(this.now, this.armedAt);
      await this.ring();
    }
    this.now = until;
  }

  /** Rows of a table as they are stored; none where there is no table. */
  stored(table: "notice" | "delivery"): Record<string, string | number | null>[] {
    return this.storage.tables().includes(table) ? this.storage.inspect(`SELECT * FROM ${table}`) : [];
  }

  logged(event: string): LogEntry[] {
    return this.logs.filter((entry) => entry.event === event);
  }

  /** The signature a receiver expects, by the specification and Node's own HMAC. */
  expectedSignature({ webhookId, headers, body }: Sent): string {
    const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    return `v1,${createHmac("sha256", SECRET_BYTES + webhookId)
      .update(text)
      .digest("base64")}`;
  }

  async #send(url: string, headers: Record<string, string>, body: string): Promise<Answer> {
    const record = this.webhooks.find((known) => known.url === url);
    const webhookId = record?.id ?? url;
    if (record === undefined || record.disabled || record.removed) this.violations.push(webhookId);
    this.sent.push({ webhookId, at: this.now, headers, body, message: JSON.parse(body) as WebhookMessage });
    this.underWay.push(webhookId);
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay.length);
    const behaviour = this.script.get(webhookId)?.shift() ?? 200;
    if (behaviour !== "hang") return answerOf(behaviour);
    return new Promise((resolve) => {
      this.hanging.push({ webhookId, release: (then) => resolve(answerOf(then)) });
    });
  }

  async #record(rows: DeliveryLogRow[]): Promise<void> {
    this.batches.push(rows);
    await this.databaseAnswers;
    if (this.databaseFailure !== null && !this.ackLost) throw this.databaseFailure;
    if (this.poisonFailure !== null && rows.some(({ webhookId }) => webhookId === this.poison)) {
      throw this.poisonFailure;
    }
    for (const row of rows) {
      const key = `${row.deliveryId}/${row.attempt}`;
      if (!this.rows.has(key)) this.rows.set(key, row);
    }
    if (this.databaseFailure !== null) throw this.databaseFailure;
  }

  #arm(): void {
    const due = this.announcer.dueAt;
    if (due !== null && (this.armedAt === null || due < this.armedAt)) this.armedAt = due;
  }

  #start(): Announcer {
    const generation = ++this.#generation;
    /** False when the object is dead, or dies here. */
    const lives = (): boolean => {
      if (generation !== this.#generation) return false;
      if (this.dieIn === null || --this.dieIn >= 0) return true;
      this.evict();
      return false;
    };
    // A dead object calls nobody, and what it had asked for is never answered.
    const alive = <T>(call: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        if (!lives()) return;
        call().then(
          (value) => lives() && resolve(value),
          (error: unknown) => lives() && reject(error),
        );
      });
    return new Announcer({
      sql: new CountedSql(this.storage),
      clock: { now: () => this.now, random: () => this.random },
      log: (entry) => this.logs.push(entry),
      webhooks: () => this.webhooks,
      unseal: ({ id }) =>
        alive(async () => {
          this.unsealing();
          if (id === this.sealedFor) throw new Error("the master key is another");
          return `whsec_${Buffer.from(SECRET_BYTES + id).toString("base64")}`;
        }),
      send: async (url, headers, body) => {
        const answer = await alive(() => this.#send(url, headers, body));
        this.underWay.shift();
        return answer;
      },
      recordDeliveries: (rows) => alive(() => this.#record(rows)),
    });
  }
}
