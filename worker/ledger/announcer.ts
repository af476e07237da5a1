import type { WebhookRecord } from "../canonical/tenant.ts";
import type { DeliveryLogRow, LimitEventType } from "../canonical/webhook-delivery.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { isDelivered, retryAt } from "./delivery-schedule.ts";
import { attempt, type Send } from "./delivery-send.ts";
import { type Delivery, DeliveryStore, deliveryId } from "./delivery-store.ts";
import { DeliveryTurns } from "./delivery-turns.ts";
import { backOff, type CountedSql, type LedgerClock, type LedgerLog } from "./storage.ts";

const DAY_MS = 86_400_000;
/** How long a key is recognized: a month's window and more. */
const KEPT_MS = 40 * DAY_MS;
/** Keys recognized without SQL; beyond, memory begins anew. */
const MOST_KNOWN = 50_000;
const AT_ONCE = 4;
/** Attempts in one run: below the subrequests an invocation may make. */
const MOST_A_RUN = 50;
/** The alarm that finds out whether a run died with its object. */
const WATCH_MS = 60_000;

/** A limit's crossing of a threshold. */
export interface Notice {
  /** Names the crossing, e.g. `lim_…/month/2026-11/80/10000000000`. It is told once, however often it is announced. */
  key: string;
  event: LimitEventType;
  /** Organization ids from that of the limit's node to the root. */
  organizationPath: readonly string[];
  /** The message's `data`. */
  body: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  at: number;
  /** The window never begins anew: the key is kept for good, every other for 40 days. */
  forever: boolean;
}

export interface AnnouncerOptions {
  sql: CountedSql;
  clock: LedgerClock;
  log: LedgerLog;
  /** The tenant's webhooks as they stand now. */
  webhooks(): readonly WebhookRecord[];
  /** Opens a webhook's signing secret. */
  unseal(webhook: WebhookRecord): Promise<string>;
  send: Send;
  /** Writes attempts to Postgres, absorbing those it has; throws `StorageError`. */
  recordDeliveries(rows: DeliveryLogRow[]): Promise<void>;
}

/**
 * Tells webhooks what happened to limits: signed, tried again until delivered or given up, every attempt in a log. All
 * of it is in SQL before it is done, so that an eviction loses nothing; what was sent and not yet noted is sent again.
 *
 * The caller arms its alarm for `dueAt` after each `announce`, `test` and `run`. When that is due, its alarm starts `run`
 * without awaiting it, before the drain and whatever else the alarm does, and arms again once it resolves: a run lasts as
 * long as the slowest receiver, and no other alarm rings before the handler of the last has returned.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #store: DeliveryStore;
  readonly #turns: DeliveryTurns;
  readonly #log: DeliveryLog;
  readonly #known = new Set<string>();
  #running = false;
  /** Attempts of this run. */
  #begun = 0;
  /** The run has been called upon to look again, and has not yet. */
  #called = false;
  #resume = () => {};
  #failure: unknown = null;
  #failures = 0;
  #notBefore = 0;
  #watchAt = 0;
  #prunedAt = 0;
  /** Set by the first new notice of a day, so that an idle tenant is not woken. */
  #pruneAt: number | null = null;

  constructor(options: AnnouncerOptions) {
    const { sql, clock, log } = options;
    this.#options = options;
    this.#store = new DeliveryStore(sql);
    this.#turns = new DeliveryTurns(this.#store);
    this.#log = new DeliveryLog({
      ...{ store: this.#store, clock, log },
      recordDeliveries: (rows) => options.recordDeliveries(rows),
    });
  }

  /**
   * When `run` is to be called next; null when nothing waits. During a run it is at most a minute away, since an object
   * that dies in it must be woken.
   */
  get dueAt(): number | null {
    if (this.#running && this.#called) return this.#watchAt;
    const delivery = this.#saturated ? null : this.#turns.dueAt;
    const waiting = [delivery, this.#log.dueAt, this.#running ? null : this.#pruneAt].filter((at) => at !== null);
    const due = waiting.length === 0 ? null : Math.max(this.#notBefore, Math.min(...waiting));
    return this.#running ? Math.min(this.#watchAt, due ?? this.#watchAt) : due;
  }

  /**
   * Stores a notice for every webhook that is to be told of it. Synchronous; a key that was announced before changes
   * nothing, and costs no SQL in the life of this object. Throws what storing throws, and then nothing was announced.
   * Not to be called inside of a transaction that may be rolled back.
   */
  announce(notice: Notice): void {
    const { key, event, organizationPath, body, at, forever } = notice;
    if (this.#known.has(key)) return;
    const told = this.#options.webhooks().filter((webhook) => {
      const { organizationId, events } = webhook;
      return isActive(webhook) && organizationPath.includes(organizationId) && isAmong(event, events);
    });
    const stored = { key, event, at, data: body, keptUntil: forever ? null : at + KEPT_MS };
    const ids = told.map(({ id }) => id);
    if (this.#store.add(stored, ids)) this.#added();
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(key);
  }

  /** Sends a `webhook.test` to one webhook, as any other event. Answers the delivery's id, null when there is no such webhook. */
  async test(webhookId: string): Promise<string | null> {
    if (this.#webhook(webhookId) === undefined) return null;
    const { now, random } = this.#options.clock;
    const at = now();
    const key = `test/${webhookId}/${at}/${Math.floor(random() * 2 ** 32)}`;
    const data = { webhook_id: webhookId };
    if (this.#store.add({ key, event: "webhook.test", at, data, keptUntil: at }, [webhookId])) this.#added();
    return deliveryId(key, webhookId);
  }

  /**
   * Sends what is due, four at a time and fifty in all, and brings the log to Postgres. Never throws: failures are logged
   * and set the time of the next run. Called during a run, it makes that one look again and resolves at once.
   */
  async run(): Promise<void> {
    const { clock, log } = this.#options;
    this.#watchAt = clock.now() + WATCH_MS;
    if (this.#running) return this.#lookAgain();
    this.#running = true;
    this.#begun = 0;
    try {
      await this.#work();
      if (this.#failure !== null) throw this.#failure;
      if (this.#pruneAt !== null) this.#prune();
      this.#failures = 0;
    } catch (error) {
      this.#notBefore = clock.now() + backOff(this.#failures, clock.random);
      this.#failures++;
      log({ level: "error", event: "webhook.run_failed", failures: this.#failures, message: String(error) });
    } finally {
      this.#failure = null;
      this.#running = false;
    }
  }

  /** Begins what can be begun, whenever something has ended, until nothing is under way. */
  async #work(): Promise<void> {
    for (;;) {
      this.#called = false;
      const now = this.#options.clock.now();
      while (!this.#saturated) {
        const next = this.#turns.next(now);
        if (next === null) break;
        this.#begin(next);
      }
      const logDueAt = this.#log.dueAt ?? now + 1;
      if (logDueAt <= now) void this.#log.flush().then(() => this.#lookAgain());
      if (this.#turns.busy === 0 && !this.#log.flushing) return;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
  }

  #lookAgain(): void {
    this.#called = true;
    this.#resume();
  }

  #added(): void {
    this.#turns.added();
    const now = this.#options.clock.now();
    if (now - this.#prunedAt >= DAY_MS) this.#pruneAt = now;
  }

  get #saturated(): boolean {
    return this.#running && (this.#turns.busy >= AT_ONCE || this.#begun >= MOST_A_RUN || this.#failure !== null);
  }

  #begin(delivery: Delivery): void {
    this.#begun++;
    this.#turns.begin(delivery);
    void this.#deliver(delivery)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#turns.end(delivery);
        this.#lookAgain();
      });
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { clock, log, unseal, send } = this.#options;
    const { webhookId, attempts } = delivery;
    const at = clock.now();
    const webhook = () => this.#webhook(webhookId);
    const message = await this.#store.messageOf(delivery);
    const answer = await attempt(message, { clock, webhook, unseal, send });
    if (answer === null) delivery.nextAt = null;
    else {
      const { status, error } = answer;
      const [durationMs, delivered] = [Math.max(0, clock.now() - at), isDelivered(answer)];
      delivery.nextAt = retryAt(attempts.length + 1, answer, clock);
      attempts.push({ at, status, error, durationMs, delivered, nextAt: delivery.nextAt });
      if (!delivered && delivery.nextAt === null) {
        const about = { webhook_id: webhookId, delivery_id: message.id, attempts: attempts.length, status, error };
        log({ level: "warn", event: "webhook.abandoned", ...about });
      }
    }
    this.#log.add();
    this.#store.save(delivery);
  }

  #webhook(id: string): WebhookRecord | undefined {
    return this.#options.webhooks().find((webhook) => webhook.id === id && isActive(webhook));
  }

  #prune(): void {
    this.#prunedAt = this.#options.clock.now();
    this.#store.prune(this.#prunedAt);
    this.#pruneAt = null;
  }
}

const isActive = ({ disabled, removed }: WebhookRecord): boolean => !disabled && !removed;

/** Whether a webhook wants an event; an empty list wants all. */
const isAmong = (event: LimitEventType, events: readonly string[]): boolean =>
  events.length === 0 || events.includes(event);
