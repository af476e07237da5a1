import { type Amount, add, METRICS, nothing } from "./amounts.ts";

/** What is told is what would be used in so long. */
const BURN_MS = 5_000;
/** A pace is not told by less than this: a burst of a moment may be all there is. */
const LEAST_MS = 250;

interface Pace {
  since: number;
  amount: Amount;
  before: Amount;
}

/** How fast keys use what is limited, by what their requests may use at most. */
export class Burn {
  readonly #paces = new Map<string, Pace>();

  /** A request of the key has asked for so much. */
  add(keyId: string, amount: Amount, now: number): void {
    const known = this.#paces.get(keyId);
    const fresh = known === undefined || now - known.since >= 2 * BURN_MS;
    const pace =
      fresh || now - known.since >= BURN_MS
        ? { since: now, amount: nothing(), before: fresh ? nothing() : known.amount }
        : known;
    add(pace.amount, amount);
    this.#paces.set(keyId, pace);
  }

  /** What the key uses in five seconds, at the pace of the running five or of those before. */
  of(keyId: string, now: number): Amount {
    const pace = this.#paces.get(keyId);
    const burn = nothing();
    if (pace === undefined || now - pace.since >= 2 * BURN_MS) return burn;
    const part = Math.min(BURN_MS, Math.max(LEAST_MS, now - pace.since)) / BURN_MS;
    for (const metric of METRICS) burn[metric] = Math.max(Math.ceil(pace.amount[metric] / part), pace.before[metric]);
    return burn;
  }
}
