import type { UsageEvent } from "../canonical/usage-event.ts";
import { StorageError } from "../errors.ts";
import { eventsOf, type Journal, type SettledRow } from "./journal.ts";
import { backOff, type LedgerClock, type LedgerLog } from "./storage.ts";

/** Events in one statement, and the characters they may have together. */
const BATCH_EVENTS = 200;
const BATCH_CHARACTERS = 4_000_000;
/** Batches in one alarm: below the subrequests an invocation may make, even when a batch must be bisected. */
const BATCHES_A_RUN = 50;
/** From the first settlement to the drain: short enough for the eye, long enough for a batch under load. */
const DEBOUNCE_MS = 250;

export interface OutboxOptions {
  journal: Journal;
  clock: LedgerClock;
  log: LedgerLog;
  /** Writes the events to Postgres, absorbing those it has; answers the configuration's version there. */
  recordEvents(events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** Called after rows were acknowledged. */
  acknowledged(): void;
}

/** The settled rows that Postgres may not have: sent in batches, in order of sequence, one batch at a time. */
export class Outbox {
  /** How many rows wait. */
  waiting = 0;
  /** Rows Postgres has acknowledged, to be deleted at the next snapshot. */
  readonly committed = new Set<number>();
  /** Expired rows Postgres has, with the time it acknowledged them. */
  readonly kept = new Map<number, number>();
  readonly #options: OutboxOptions;
  /** No row below this sequence waits, apart from the batch under way. */
  #from = Number.MAX_SAFE_INTEGER;
  #dueAt: number | null = null;
  #failures = 0;
  #draining = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** When to drain next; null when nothing waits or a drain is under way. */
  get dueAt(): number | null {
    return this.waiting === 0 || this.#draining ? null : this.#dueAt;
  }

  /** A row has begun to wait. */
  add(seq: number): void {
    this.waiting++;
    this.reconsider(seq);
  }

  /** A row that may be waiting or under way has changed. */
  reconsider(seq: number): void {
    this.#from = Math.min(this.#from, seq);
    this.#dueAt ??= this.#options.clock.now() + DEBOUNCE_MS;
  }

  /**
   * Sends what waits. Never throws: failures are logged and set the time of the next attempt.
   * @returns the highest configuration version Postgres told, 0 when it told none.
   */
  async drain(): Promise<number> {
    if (this.#draining) return 0;
    this.#draining = true;
    this.#dueAt = null;
    let version = 0;
    let batch: SettledRow[] = [];
    try {
      for (let batches = 0; batches < BATCHES_A_RUN; batches++) {
        batch = this.#nextBatch();
        if (batch.length === 0) break;
        version = Math.max(version, await this.#send(batch));
        this.#failures = 0;
      }
      if (this.waiting > 0) this.#dueAt ??= this.#options.clock.now() + DEBOUNCE_MS;
    } catch (error) {
      if (batch[0] !== undefined) this.#from = Math.min(this.#from, batch[0].seq);
      const wait = backOff(this.#failures, this.#options.clock.random);
      this.#failures++;
      this.#dueAt = this.#options.clock.now() + wait;
      this.#options.log({
        level: "warn",
        event: "ledger.drain_failed",
        waiting: this.waiting,
        failures: this.#failures,
        message: String(error),
      });
    } finally {
      this.#draining = false;
    }
    return version;
  }

  /** The next rows, and the mark moved past them; a row that changes while they are under way moves it back. */
  #nextBatch(): SettledRow[] {
    const { journal } = this.#options;
    const batch: SettledRow[] = [];
    let [events, characters] = [0, 0];
    for (;;) {
      const rows = journal.waiting(this.#from, BATCH_EVENTS);
      for (const row of rows) {
        if (!this.committed.has(row.seq)) {
          events += row.correction === null ? 1 : 2;
          characters += row.size;
          if (batch.length > 0 && (events > BATCH_EVENTS || characters > BATCH_CHARACTERS)) return batch;
          batch.push(row);
        }
        this.#from = row.seq + 1;
      }
      if (events >= BATCH_EVENTS || rows.length < BATCH_EVENTS) return batch;
    }
  }

  /**
   * Sends one batch. A batch Postgres refuses for its content is halved until the row at fault stands alone and is
   * buried; every other failure keeps the rows and is thrown.
   */
  async #send(batch: SettledRow[]): Promise<number> {
    const [first] = batch as [SettledRow];
    let version: number;
    try {
      ({ configVersion: version } = await this.#options.recordEvents(batch.flatMap(eventsOf)));
    } catch (error) {
      if (!isRowsFault(error)) throw error;
      if (batch.length === 1) {
        this.#bury(first, error);
        return 0;
      }
      const middle = batch.length >> 1;
      const [left, right] = [await this.#send(batch.slice(0, middle)), await this.#send(batch.slice(middle))];
      return Math.max(left, right);
    }
    for (const row of batch) this.#acknowledge(row);
    this.#options.acknowledged();
    return version;
  }

  #bury(row: SettledRow, error: StorageError): void {
    const { journal, clock, log } = this.#options;
    journal.bury(row, error.message, clock.now());
    this.#acknowledge(row);
    this.#options.acknowledged();
    log({
      level: "error",
      event: "ledger.event_buried",
      event_id: row.admission.draft.eventId,
      sqlstate: error.sqlstate,
      message: error.message,
    });
  }

  #acknowledge(row: SettledRow): void {
    const { journal, clock } = this.#options;
    if (row.result.outcome === "expired" && row.correction === null) {
      const now = clock.now();
      // A late settlement has corrected the row meanwhile: its correction still waits.
      if (!journal.drained(row.seq, now)) return;
      this.kept.set(row.seq, now);
    } else this.committed.add(row.seq);
    this.waiting--;
  }
}

/** Data or constraint errors are a row's fault. Anything else, also a missing column, heals without losing a row. */
function isRowsFault(error: unknown): error is StorageError {
  return error instanceof StorageError && !error.transient && /^2[23]/.test(error.sqlstate ?? "");
}
