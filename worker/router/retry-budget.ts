/** Retries for each request of the last while. */
export const RETRY_SHARE = 0.2;
/** So many more, or an isolate with little to do could never retry. */
const FLOOR = 10;
/** The part of what there may be that is kept for calls that are under way when the rest has been spent. */
const RESERVE = 0.5;
/** What is counted goes by the second: the one that runs and those before it, so many in all. */
const SECONDS = 10;

interface Slot {
  /** Since the epoch. */
  second: number;
  requests: number;
  retries: number;
}

/**
 * How often requests may be tried again in one isolate: when everything fails, trying everything again would multiply the
 * load that providers are failing under. Every attempt after a request's first one is a retry, whichever target it goes to.
 * Moments are milliseconds since the epoch.
 */
export class RetryBudget {
  /** In the order of time. */
  #slots: Slot[] = [];
  readonly #floor: number;

  /** @param floor retries in ten seconds beside the share of its requests */
  constructor(floor = FLOOR) {
    this.#floor = floor;
  }

  /** A request has begun. */
  request(now: number): void {
    this.#slotAt(now).requests++;
  }

  /** Whether there may be one more retry, which is spent thereby. */
  mayRetry(now: number): boolean {
    const slot = this.#slotAt(now);
    const { retries, most } = this.#counts();
    if (retries + 1 > most) return false;
    slot.retries++;
    return true;
  }

  /** Whether retries run short: what causes more of them should be left alone (`Breakers.failed`). */
  isScarce(now: number): boolean {
    this.#slotAt(now);
    const { retries, most } = this.#counts();
    return retries >= RESERVE * most;
  }

  /** What has been spent of late, and how much there may be. */
  #counts(): { retries: number; most: number } {
    const requests = this.#slots.reduce((sum, one) => sum + one.requests, 0);
    const retries = this.#slots.reduce((sum, one) => sum + one.retries, 0);
    return { retries, most: this.#floor + RETRY_SHARE * requests };
  }

  /** A clock that goes back a little is taken to stand still. */
  #slotAt(now: number): Slot {
    const last = this.#slots.at(-1);
    const second = Math.max(Math.floor(now / 1000), last?.second ?? 0);
    if (last?.second === second) return last;
    const slot = { second, requests: 0, retries: 0 };
    this.#slots = [...this.#slots.filter((one) => one.second > second - SECONDS), slot];
    return slot;
  }
}
