import type { BreakdownRow } from "../api/stats.ts";
import type { Metric } from "./metrics.ts";

export interface Mover {
  row: BreakdownRow;
  now: number;
  before: number;
  by: number;
}

/** Groups whose figure changed most, up or down, against the period before. */
export const moversOf = (rows: readonly BreakdownRow[], of: Metric["of"], most: number): Mover[] =>
  rows
    .flatMap((row): Mover[] => {
      if (row.kind !== "value" || row.previous === null) return [];
      const [now, before] = [of(row) ?? 0, of(row.previous) ?? 0];
      return now === before ? [] : [{ row, now, before, by: now - before }];
    })
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, most);
