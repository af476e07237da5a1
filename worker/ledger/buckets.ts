import type { LimitRecord } from "../canonical/tenant.ts";
import { BUCKET_MS, type Bucket, flowed } from "./bucket.ts";

/** A bucket as the snapshot keeps it. */
export type StoredBucket = [name: string, debt: number, at: number, rest: number];

const nameOf = ({ nodeId, metric, window }: LimitRecord): string => `${nodeId}/${metric}/${window}`;

/** True for a limit whose use flows off. */
export const isFlowing = ({ window }: LimitRecord): boolean => window === "minute" || window === "hour";

/**
 * The token buckets of limits a minute or an hour. Each belongs to its limit's node, metric and window, so that a limit
 * that is raised, lowered or made anew finds what was used a moment ago.
 */
export class Buckets {
  readonly #known = new Map<string, Readonly<Bucket>>();

  /** The bucket of a limit at a moment: what flowed under an override flowed at its amount, until it ended. */
  at(limit: LimitRecord, now: number): Readonly<Bucket> {
    const bucket = this.#known.get(nameOf(limit));
    if (bucket === undefined) return { debt: 0, at: now, rest: 0 };
    const windowMs = BUCKET_MS[limit.window as keyof typeof BUCKET_MS];
    const { amount, override } = limit;
    if (override === null) return flowed(bucket, { amount, windowMs }, now);
    const then = flowed(bucket, { amount: override.amount, windowMs }, Math.min(now, override.until));
    return now < override.until ? then : flowed(then, { amount, windowMs }, now);
  }

  /** Adds what was used; a correction may take some of it back. */
  add(limit: LimitRecord, used: number, now: number): void {
    const { debt, at, rest } = this.at(limit, now);
    const sum = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, debt + used));
    this.#known.set(nameOf(limit), { debt: sum, at, rest: sum === 0 ? 0 : rest });
  }

  /** Lets flow off what has, before the limit changes. */
  flow(limit: LimitRecord, now: number): void {
    if (this.#known.has(nameOf(limit))) this.#known.set(nameOf(limit), this.at(limit, now));
  }

  /** What the snapshot keeps; empty buckets are full of room and need not be. */
  stored(): StoredBucket[] {
    const used = [...this.#known].filter(([, { debt }]) => debt > 0);
    return used.map(([name, { debt, at, rest }]) => [name, debt, at, rest]);
  }

  load(stored: readonly StoredBucket[]): void {
    for (const [name, debt, at, rest] of stored) this.#known.set(name, { debt, at, rest });
  }
}
