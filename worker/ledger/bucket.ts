/** A token bucket, told by what is missing in it: `debt` flows off at `amount` a window, and admission needs room beside it. */
export interface Bucket {
  /** Units that have been used and have not flowed off yet, as of `at`. A whole number. */
  debt: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** What has flowed of the next unit, in units times milliseconds: with it the flow is exact. */
  rest: number;
}

export interface Flow {
  /** What the full bucket holds, and what flows off in a window. */
  amount: number;
  windowMs: number;
}

export const BUCKET_MS = { minute: 60_000, hour: 3_600_000 } as const;

/** The debt at a moment, in whole units; the rest counts for the next one. A clock that has gone back lets nothing flow. */
export function flowed(bucket: Readonly<Bucket>, { amount, windowMs }: Flow, now: number): Readonly<Bucket> {
  if (bucket.debt === 0) return { debt: 0, at: now, rest: 0 };
  const elapsed = now - bucket.at;
  if (elapsed <= 0) return bucket;
  const flow = BigInt(amount) * BigInt(elapsed) + BigInt(bucket.rest);
  const off = flow / BigInt(windowMs);
  if (off >= BigInt(bucket.debt)) return { debt: 0, at: now, rest: 0 };
  return { debt: bucket.debt - Number(off), at: now, rest: Number(flow % BigInt(windowMs)) };
}

/** When the debt will have fallen to `target`; null when it never does. */
export function fallsTo(
  { debt, at, rest }: Readonly<Bucket>,
  { amount, windowMs }: Flow,
  target: number,
): number | null {
  if (debt <= target) return at;
  if (amount === 0 || target < 0) return null;
  const missing = BigInt(debt - target) * BigInt(windowMs) - BigInt(rest);
  return at + Number((missing + BigInt(amount) - 1n) / BigInt(amount));
}
