/** How something changed against the period before. */
export type Change =
  | { kind: "none" }
  /** There was nothing before. */
  | { kind: "new" }
  /** By so much of what there was, or by so many points of a rate; 0.124 is 12.4 %. */
  | { kind: "by"; ratio: number };

/** The change from `before` to `now`; of nothing known there is none. */
export function changeOf(now: number | null, before: number | null, as: "relative" | "points"): Change {
  if (now === null || before === null) return { kind: "none" };
  if (as === "points") return { kind: "by", ratio: now - before };
  if (before === 0) return now === 0 ? { kind: "by", ratio: 0 } : { kind: "new" };
  return { kind: "by", ratio: (now - before) / Math.abs(before) };
}
