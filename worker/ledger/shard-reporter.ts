import type { AwayAllowances } from "./away.ts";
import type { Cooling, LedgerApi } from "./contract.ts";
import type { Counters } from "./counters.ts";
import { nodeOf, type ShardLeases } from "./shard-leases.ts";
import { backOff, type LedgerClock, type LedgerLog } from "./storage.ts";
import type { Tenant } from "./tenant.ts";

/** From a change to the report that tells it. */
const AFTER_MS = 500;
/** A call carries so many reports, however many have piled up. */
const MOST_REPORTS = 1_000;

export interface ReporterOptions {
  clock: LedgerClock;
  log: LedgerLog;
  tenant: Tenant;
  leases: ShardLeases;
  away: AwayAllowances;
  counters: Counters;
  ledger(rootId: string): Pick<LedgerApi, "report">;
  /** The Ledger has told what is cooling. */
  cooling(cooling: readonly Cooling[]): void;
  holdSeconds: number;
}

/** Tells the Ledger what was used of the leases, one report at a time, so that they arrive in order. */
export class ShardReporter {
  readonly #options: ReporterOptions;
  #reporting: Promise<void> | null = null;
  #dueAt: number | null = null;
  #reportedAt = 0;
  #failures = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Something is to be told, in so many milliseconds. */
  tell(after = AFTER_MS): void {
    this.#dueAt ??= this.#options.clock.now() + after;
  }

  /** When the next report is due; null when there is nothing to tell. */
  get dueAt(): number | null {
    const { leases, holdSeconds } = this.#options;
    const again = leases.alive() ? this.#reportedAt + (holdSeconds * 1000) / 3 : null;
    const times = [this.#dueAt, leases.nextEnd, leases.nextExtension, again].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Tells what has changed, and with `all` everything that must not be forgotten. Never throws. */
  report(all: boolean): Promise<void> {
    this.#reporting ??= this.#reportNow(all).finally(() => {
      this.#reporting = null;
    });
    return this.#reporting;
  }

  /** The same after the one that may be under way, which does not tell what was changed a moment ago. */
  async reportAnew(): Promise<void> {
    await this.#reporting;
    await this.report(false);
  }

  async #reportNow(all: boolean): Promise<void> {
    const { away, clock, cooling: learn, leases, ledger, log, tenant } = this.#options;
    const { rootId, version } = tenant.copy;
    this.#dueAt = null;
    this.#reportedAt = clock.now();
    const reports = leases.reports(clock.now(), all, version, (node) => away.eventIdsOf(node));
    if (reports.length === 0 || rootId === null) return;
    let heard = 0;
    try {
      for (; heard < reports.length; heard += MOST_REPORTS) {
        const part = reports.slice(heard, heard + MOST_REPORTS);
        const { unknown, stale, extended, cooling } = await ledger(rootId).report(rootId, part);
        learn(cooling);
        for (const id of unknown) this.#giveUp(id);
        for (const { id, number } of stale) leases.goOnFrom(id, number);
        leases.extended(part, extended);
        leases.heard(part);
        away.heard(part);
      }
      this.#failures = 0;
      if (leases.untold(clock.now())) this.tell();
    } catch (error) {
      leases.unheard(reports.slice(heard));
      log({ level: "error", event: "shard.report_failed", event_id: null, message: String(error) });
      this.#dueAt = clock.now() + backOff(this.#failures, clock.random);
      this.#failures++;
    }
  }

  /** The Ledger has given this lease up, or never lent it. */
  #giveUp(id: string): void {
    const { counters, leases, log } = this.#options;
    const { settled } = counters.peek(nodeOf(id), "total");
    if (settled.requests > 0) {
      log({ level: "error", event: "shard.lease_given_up", lease: id, cost_nano: settled.costNano });
    }
    leases.forget(id);
  }
}
