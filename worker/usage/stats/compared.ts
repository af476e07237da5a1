import { type SQL, sql } from "drizzle-orm";
import { type Column, type RowOptions, rowsOf, type Source, type UsageScope } from "./rows.ts";
import type { Period, Slot } from "./tiles.ts";

/** A scope, and another period it is held against. */
export interface ComparedScope extends UsageScope {
  /** Null: none. */
  previous: Period | null;
  /** Stretches of both that are told apart, in the order of time: even ids in the period itself, odd ones in the previous. */
  slots?: readonly Slot[];
}

/** Whose turn a row is: 0 in the period itself, 1 in the previous one; or the id of its slot. */
export interface Turn {
  turn: number;
}

/** The condition that a row is of the period itself. */
export const ofPeriod = sql`turn % 2 = 0`;

/** Both periods in the order of time, each by its turn. */
export const turnsOf = ({ period, previous }: ComparedScope): Slot[] =>
  [...(previous === null ? [] : [{ ...previous, id: 1 }]), { ...period, id: 0 }].sort((a, b) => a.from - b.from);

export interface ComparedRows {
  rows: SQL;
  /** Halves of the rows; null: there are none. */
  sums: SQL | null;
  events: SQL | null;
  source: Source;
  rounded: boolean;
  hourly: boolean;
}

const withTurn = <T extends SQL | null>(rows: T) => (rows && sql`select slot as turn, r.* from (${rows}) r`) as T;

/** The rows of both periods with their `turn`. */
export function comparedRows(
  scope: ComparedScope,
  columns: readonly Column[] = [],
  options: RowOptions = {},
): ComparedRows {
  const { rows, sums, events, ...rest } = rowsOf(scope, columns, scope.slots ?? turnsOf(scope), options);
  return { rows: withTurn(rows), sums: withTurn(sums), events: withTurn(events), ...rest };
}
