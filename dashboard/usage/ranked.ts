import type { Breakdown, BreakdownRow } from "../api/stats.ts";
import { type Change, changeOf } from "./change.ts";
import { groupId } from "./group.ts";
import type { Metric } from "./metrics.ts";

type Part = Omit<BreakdownRow, "sub">;

/** A group in a ranking. */
export interface Ranked {
  id: string;
  row: Part;
  value: number | null;
  /** Of the whole; null for what does not add up, and where the whole is nothing. */
  share: number | null;
  previous: number | null;
  change: Change;
  sub: Ranked[];
}

const KINDS = { value: 0, other: 1, unattributed: 2 };

/**
 * A breakdown by one of its figures: the largest first, then the rest and what has no value, so that the rows add up to the
 * total. The API ranks by few figures, the page by the one it shows.
 */
export function rankedOf(answer: Pick<Breakdown, "data" | "total">, shown: Metric): Ranked[] {
  const whole = shown.of(answer.total) ?? 0;
  const ranked = (row: Part, sub: readonly Part[]): Ranked => {
    const value = shown.of(row);
    const previous = row.previous && shown.of(row.previous);
    return {
      ...{ id: groupId(row), row, value, previous },
      share: shown.parts && value !== null && whole !== 0 ? value / whole : null,
      change: changeOf(value, previous, shown.change),
      sub: inOrder(sub.map((part) => ranked(part, []))),
    };
  };
  return inOrder(answer.data.map((row) => ranked(row, row.sub ?? [])));
}

const inOrder = (rows: Ranked[]): Ranked[] =>
  rows.sort((a, b) => KINDS[a.row.kind] - KINDS[b.row.kind] || (b.value ?? -1) - (a.value ?? -1));
