import type { LimitRecord } from "../../../worker/canonical/tenant.ts";

const WINDOW_MS = { minute: 60_000n, hour: 3_600_000n };

/** What has not flowed off, in units times the window's milliseconds: an exact fraction of a unit. */
interface Level {
  scaled: bigint;
  at: number;
}

const windowOf = ({ window }: LimitRecord): bigint => WINDOW_MS[window as keyof typeof WINDOW_MS];
const nameOf = ({ nodeId, metric, window }: LimitRecord): string => `${nodeId} ${metric} ${window}`;

export const flows = ({ window }: LimitRecord): boolean => window in WINDOW_MS;

function drop({ scaled, at }: Level, amount: number, until: number): Level {
  if (until <= at) return { scaled, at };
  const left = scaled - BigInt(amount) * BigInt(until - at);
  return { scaled: left > 0n ? left : 0n, at: until };
}

/** The buckets of limits a minute or an hour, in fractions: they know neither snapshot nor restart. */
export class PlainBuckets {
  readonly #levels = new Map<string, Level>();

  /** Whole units; what has begun to flow off has not yet. */
  debt(limit: LimitRecord, now: number): number {
    const window = windowOf(limit);
    return Number((this.#at(limit, now).scaled + window - 1n) / window);
  }

  pour(limit: LimitRecord, units: number, now: number): void {
    const { scaled, at } = this.#at(limit, now);
    const sum = scaled + BigInt(units) * windowOf(limit);
    this.#levels.set(nameOf(limit), { scaled: sum > 0n ? sum : 0n, at });
  }

  /** The limit is about to change. */
  part(limit: LimitRecord, now: number): void {
    if (this.#levels.has(nameOf(limit))) this.#levels.set(nameOf(limit), this.#at(limit, now));
  }

  #at(limit: LimitRecord, now: number): Level {
    let level = this.#levels.get(nameOf(limit));
    if (level === undefined || level.scaled === 0n) return { scaled: 0n, at: now };
    const { amount, override } = limit;
    if (override === null) return drop(level, amount, now);
    if (level.at < override.until) level = drop(level, override.amount, Math.min(now, override.until));
    return now < override.until ? level : drop(level, amount, now);
  }
}
