import type { SettleAnswer, Settlement } from "./contract.ts";
import type { Holder } from "./holder.ts";

/** How long a batch is open for more. */
const GATHER_MS = 50;
/** From here on anyone may send a batch whose opener has not. */
const OVERDUE_MS = 200;
const MOST_SETTLEMENTS = 100;
/** Waits before the second, third and fourth attempt. */
const RETRY_MS = [100, 400, 1_600];
/** An attempt without an answer after this time is taken for lost, with the request that made it. */
const PATIENCE_MS = 5_000;

export interface SettlementBatcherOptions {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Told when a batch is given up: its holds will expire and be charged in full. */
  log(entry: { level: "error"; event: string; settlements: number; message: string }): void;
}

interface Batch {
  settlements: Settlement[];
  openedAt: number;
  attempts: number;
  /** Until then somebody is sending it, or it rests after a failure. */
  busyUntil: number;
  outcome: { answers: SettleAnswer[] } | { failure: unknown } | null;
}

/**
 * Settlements of an isolate that fall within some 50 ms travel to one Ledger in one call. Nothing is lost by waiting: the
 * hold stands until the settlement is acknowledged, and repeats are absorbed.
 *
 * In workerd timers and calls belong to the request that makes them and end with it, and a promise another request was to
 * resolve may never be. So state and retries belong to the batch, and every request in it watches it by timers of its
 * own: the opener sends it; if it is overdue, or an attempt was lost or failed, whoever sees it first does.
 */
export class SettlementBatcher {
  readonly #options: SettlementBatcherOptions;
  readonly #gathering = new Map<string, Batch>();

  constructor(options: SettlementBatcherOptions) {
    this.#options = options;
  }

  /** Call in the request's context and give the promise to its `waitUntil`. Rejects when the batch had to be given up. */
  async add(ledger: Holder, settlement: Settlement): Promise<SettleAnswer> {
    const { now, sleep } = this.#options;
    const gathering = this.#gathering.get(ledger.name);
    const batch = gathering ?? { settlements: [], openedAt: now(), attempts: 0, busyUntil: 0, outcome: null };
    if (gathering === undefined) this.#gathering.set(ledger.name, batch);
    const index = batch.settlements.push(settlement) - 1;

    const urgent = batch.settlements.length >= MOST_SETTLEMENTS || now() - batch.openedAt >= OVERDUE_MS;
    if (!urgent) await sleep(gathering === undefined ? GATHER_MS : OVERDUE_MS);
    while (batch.outcome === null) {
      if (now() >= batch.busyUntil) await this.#send(ledger, batch);
      else await sleep(OVERDUE_MS);
    }
    if ("failure" in batch.outcome) throw batch.outcome.failure;
    return batch.outcome.answers[index] as SettleAnswer;
  }

  async #send(ledger: Holder, batch: Batch): Promise<void> {
    const { now, log } = this.#options;
    if (this.#gathering.get(ledger.name) === batch) this.#gathering.delete(ledger.name);
    batch.busyUntil = now() + PATIENCE_MS;
    const rest = RETRY_MS[batch.attempts++];
    try {
      batch.outcome = { answers: await ledger.settle(batch.settlements) };
    } catch (failure) {
      // An attempt taken for lost may still have been answered.
      if (batch.outcome !== null) return;
      batch.busyUntil = now() + (rest ?? 0);
      if (rest !== undefined) return;
      batch.outcome = { failure };
      const { length: settlements } = batch.settlements;
      log({ level: "error", event: "ledger.settle_given_up", settlements, message: String(failure) });
    }
  }
}
