import type { LimitRecord } from "../canonical/tenant.ts";
import { BUCKET_MS, type Bucket, flowed } from "./bucket.ts";

/** A bucket as the snapshot keeps it. */
export type StoredBucket = [name: string, debt: number, at: number];

const nameOf = ({ nodeId, metric, window }: LimitRecord): string => `${nodeId}/${metric}/${window}`;

/**
 * The token buckets of limits a minute or an hour. Each belongs to its limit's node, metric and window, so that a limit
 * that is raised, lowered or made anew finds what was used a moment ago.
 */
export class Buckets {
  readonly #known = new Map<string, Bucket>();

  /** The bucket of a limit under the amount in force. */
  at(limit: LimitRecord, amount: number, now: number): Readonly<Bucket> {
    const bucket = this.#known.get(nameOf(limit));
    return bucket === undefined ? { debt: 0, at: now } : flowed(bucket, flowOf(limit, amount), now);
  }

  /** Adds what was used; a correction may take some of it back. */
  add(limit: LimitRecord, amount: number, used: number, now: number): void {
    const { debt, at } = this.at(limit, amount, now);
    this.#known.set(nameOf(limit), { debt: Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, debt + used)), at });
  }

  /** What the snapshot keeps; empty buckets are full of room and need not be. */
  stored(): StoredBucket[] {
    return [...this.#known].filter(([, { debt }]) => debt > 0).map(([name, { debt, at }]) => [name, debt, at]);
  }

  load(stored: readonly StoredBucket[]): void {
    for (const [name, debt, at] of stored) this.#known.set(name, { debt, at });
  }
}

const flowOf = ({ window }: LimitRecord, amount: number) => ({
  amount,
  windowMs: BUCKET_MS[window as keyof typeof BUCKET_MS],
});
