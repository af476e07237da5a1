/** A token bucket, told by what is missing in it: `debt` flows off at `amount` a window, and admission needs room beside it. */
export interface Bucket {
  /** Units that have been used and have not flowed off yet, as of `at`. A whole number. */
  debt: number;
  /** Milliseconds since the epoch, with the fraction that makes the flow exact. */
  at: number;
}

export interface Flow {
  /** What the full bucket holds, and what flows off in a window. */
  amount: number;
  windowMs: number;
}

export const BUCKET_MS = { minute: 60_000, hour: 3_600_000 } as const;

/**
 * The debt at a moment. Only whole units flow off: the rest of the time counts for the next one. A clock that has gone
 * back lets nothing flow.
 */
export function flowed(bucket: Bucket, { amount, windowMs }: Flow, now: number): Bucket {
  const elapsed = now - bucket.at;
  if (elapsed <= 0) return bucket;
  if (bucket.debt === 0 || amount === 0) return { debt: bucket.debt, at: now };
  const product = BigInt(amount) * BigInt(Math.floor(elapsed * 1024));
  const divisor = BigInt(windowMs) * 1024n;
  const off = product / divisor;
  if (off >= BigInt(bucket.debt)) return { debt: 0, at: now };
  const rest = Number(product % divisor) / 1024 / amount;
  return { debt: bucket.debt - Number(off), at: now - rest };
}

/** When the debt will have fallen to `target`; null when it never does. */
export function fallsTo(bucket: Bucket, { amount, windowMs }: Flow, target: number): number | null {
  if (bucket.debt <= target) return bucket.at;
  if (amount === 0 || target < 0) return null;
  return Math.ceil(bucket.at + ((bucket.debt - target) / amount) * windowMs);
}
