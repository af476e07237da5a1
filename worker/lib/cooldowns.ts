/** What asked to be left alone, and until when (milliseconds since the epoch). */
export interface CoolingTarget {
  target: string;
  until: number;
  /** What it failed by, in a stable word; left out by a Worker of before it was told. */
  reason?: string | undefined;
}

/** Milliseconds. Nobody is left alone for longer at a time, whatever was told. */
export const LONGEST_COOLING = 300_000;
/** Names come from clients: the memory must not grow with them. */
const MOST = 1_000;

/** Which targets are to be left alone, as far as its holder has been told. Of two ends the later one counts. */
export class Cooldowns {
  readonly #ends = new Map<string, Omit<CoolingTarget, "target">>();

  /** @param now milliseconds since the epoch; an end that is not after it is none */
  learn(cooling: readonly CoolingTarget[], now: number): void {
    for (const { target, until, reason } of cooling) {
      const told = Number.isFinite(until) ? Math.min(until, now + LONGEST_COOLING) : 0;
      if (told > Math.max(now, this.#ends.get(target)?.until ?? 0))
        this.#ends.set(target, reason === undefined ? { until: told } : { until: told, reason });
      if (this.#ends.size > MOST) this.#forget(now);
    }
  }

  /** The end of a target's cooling; null when it is not cooling. */
  until(target: string, now: number): number | null {
    const end = this.#ends.get(target)?.until;
    if (end === undefined || end > now) return end ?? null;
    this.#ends.delete(target);
    return null;
  }

  isCooling(target: string, now: number): boolean {
    return this.until(target, now) !== null;
  }

  /** Everything that is cooling, the soonest to end first. */
  active(now: number): CoolingTarget[] {
    return [...this.#ends]
      .filter(([, { until }]) => until > now)
      .map(([target, end]) => ({ target, ...end }))
      .sort((left, right) => left.until - right.until);
  }

  /** Forgets what is over, and of the rest what ends soonest. */
  #forget(now: number): void {
    const kept = this.active(now).slice(-MOST);
    this.#ends.clear();
    for (const { target, ...end } of kept) this.#ends.set(target, end);
  }
}
