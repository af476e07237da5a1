import type { DeliveryLogRow } from "../canonical/webhook-delivery.ts";
import { StorageError } from "../errors.ts";
import type { Delivery, DeliveryStore } from "./delivery-store.ts";
import { backOff, type LedgerClock, type LedgerLog } from "./storage.ts";

/** Deliveries in one statement: at most eight rows each. */
const BATCH_DELIVERIES = 50;
const BATCHES_A_FLUSH = 20;

export interface DeliveryLogOptions {
  store: DeliveryStore;
  clock: LedgerClock;
  log: LedgerLog;
  /** Writes attempts to Postgres, absorbing those it has; throws `StorageError`. */
  recordDeliveries(rows: DeliveryLogRow[]): Promise<void>;
}

/** Brings attempts to Postgres, at least once each. What is over and recorded leaves the store. */
export class DeliveryLog {
  flushing = false;
  readonly #options: DeliveryLogOptions;
  /** Undefined until the store was looked at. */
  #dueAt: number | null | undefined;
  #failures = 0;

  constructor(options: DeliveryLogOptions) {
    this.#options = options;
  }

  /** When to flush next; null when nothing waits or a flush is under way. */
  get dueAt(): number | null {
    const { store, clock } = this.#options;
    // What an earlier life has attempted may not be recorded.
    if (this.#dueAt === undefined) this.#dueAt = [...store.underWay].some(waits) ? clock.now() : null;
    return this.flushing ? null : this.#dueAt;
  }

  /** An attempt waits to be recorded. */
  add(): void {
    this.#dueAt ??= this.#options.clock.now();
  }

  /** Records what waits. Never throws: a failure is logged and sets the time of the next flush. */
  async flush(): Promise<void> {
    if (this.flushing) return;
    const { store, clock, log } = this.#options;
    this.flushing = true;
    try {
      let batches = 0;
      for (; batches < BATCHES_A_FLUSH; batches++) {
        const batch = [...store.underWay].filter(waits).slice(0, BATCH_DELIVERIES);
        if (batch.length === 0) break;
        await this.#record(batch);
        this.#failures = 0;
      }
      this.#dueAt = batches === BATCHES_A_FLUSH ? clock.now() : null;
    } catch (error) {
      this.#dueAt = clock.now() + backOff(this.#failures, clock.random);
      this.#failures++;
      log({ level: "warn", event: "webhook.log_failed", failures: this.#failures, message: String(error) });
    } finally {
      this.flushing = false;
    }
  }

  /** Records a batch. One that is refused for its content is halved until the delivery at fault stands alone. */
  async #record(batch: Delivery[]): Promise<void> {
    const { store, log, recordDeliveries } = this.#options;
    const counts = batch.map(({ attempts }) => attempts.length);
    const rows = (await Promise.all(batch.map((delivery) => this.#rowsOf(delivery)))).flat();
    try {
      if (rows.length > 0) await recordDeliveries(rows);
    } catch (error) {
      if (!(error instanceof StorageError) || error.transient || !/^2[23]/.test(error.sqlstate ?? "")) throw error;
      if (batch.length > 1) {
        const middle = batch.length >> 1;
        await this.#record(batch.slice(0, middle));
        await this.#record(batch.slice(middle));
        return;
      }
      log({ level: "error", event: "webhook.log_refused", notice: batch[0]?.notice ?? null, message: error.message });
    }
    for (const [index, delivery] of batch.entries()) {
      delivery.recorded = counts[index] as number;
      // Its row needs no writing while it goes on: what is recorded twice is absorbed.
      if (delivery.nextAt === null) store.save(delivery);
    }
  }

  async #rowsOf(delivery: Delivery): Promise<DeliveryLogRow[]> {
    const { webhookId, attempts, recorded } = delivery;
    const unrecorded = attempts.slice(recorded);
    if (unrecorded.length === 0) return [];
    const body = await this.#options.store.messageOf(delivery);
    const same = { deliveryId: body.id, webhookId, event: body.type, body };
    return unrecorded.map((attempt, index) => ({ ...same, ...attempt, attempt: recorded + index + 1 }));
  }
}

const waits = ({ attempts, recorded, nextAt }: Delivery): boolean => attempts.length > recorded || nextAt === null;
