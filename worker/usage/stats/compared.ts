import { type SQL, sql } from "drizzle-orm";
import { type Column, type Period, rowsOf, type Source, sourceOf, type UsageScope } from "./rows.ts";

/** A scope, and another period it is held against. */
export interface ComparedScope extends UsageScope {
  /** Null: none. */
  previous: Period | null;
}

/** Whose turn a row is: 0 in the period itself, 1 in the previous one. */
export interface Turn {
  turn: number;
}

/** The scopes of both periods, the period itself first. */
export const turnsOf = ({ previous, ...scope }: ComparedScope): UsageScope[] =>
  previous === null ? [scope] : [scope, { ...scope, period: previous }];

/** The rows of both periods with their `turn`, all from one source. */
export function comparedRows(
  scope: ComparedScope,
  columns: readonly Column[] = [],
  mayUseRollups = true,
): { rows: SQL; source: Source } {
  const turns = turnsOf(scope);
  const rollups = mayUseRollups && turns.every((one) => sourceOf(one, columns) === "rollups");
  const source = rollups ? "rollups" : "events";
  const rows = turns.map((one, turn) => sql`select ${turn}::int as turn, r.* from (${rowsOf(one, columns, source)}) r`);
  return { rows: sql.join(rows, sql` union all `), source };
}
