/** Steps that usage over time is told in. */
export const BUCKETS = ["hour", "day", "week", "month"] as const;
export type Bucket = (typeof BUCKETS)[number];

const HOUR_MS = 3_600_000;
/** The shortest that each may be, as clocks are put on and back. */
const SHORTEST_MS: Record<Bucket, number> = {
  hour: HOUR_MS,
  day: 23 * HOUR_MS,
  week: 167 * HOUR_MS,
  month: 671 * HOUR_MS,
};
/** The API answers no more. */
const MOST = 400;

/** Steps that a period of so many milliseconds may be told in. */
export const bucketsFor = (milliseconds: number): Bucket[] =>
  BUCKETS.filter((bucket) => bucket === "month" || milliseconds / SHORTEST_MS[bucket] <= MOST);

/** The step that a period is best read in: some dozens of bars, none of them more than a pencil's width. */
export function bestBucket(milliseconds: number): Bucket {
  if (milliseconds <= 49 * HOUR_MS) return "hour";
  if (milliseconds <= 100 * 24 * HOUR_MS) return "day";
  return milliseconds <= 800 * 24 * HOUR_MS ? "week" : "month";
}

/** Running totals: what there was until the end of each bucket. A gap is carried over. */
export function cumulative(values: readonly (number | null)[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value ?? 0;
    return sum;
  });
}
