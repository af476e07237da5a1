import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type BreakdownScope, labelParts, plainParts } from "./breakdown-parts.ts";
import { type ComparedRows, comparedRows, type Turn } from "./compared.ts";
import { type Figures, NOTHING, pickFigures, summedFigures } from "./figures.ts";
import { readAll } from "./read.ts";
import type { Column, Source } from "./rows.ts";

/** `value`: of one value; `other`: of all values beyond the first; `unattributed`: of rows that have none. */
type PartKind = "value" | "other" | "unattributed";

export interface Label {
  kind: PartKind;
  /** Null unless `kind` is `value`. */
  value: string | null;
}

interface Part extends Label {
  current: Figures;
  previous: Figures | null;
}

export interface Group extends Part {
  /** Null without a second grouping. */
  sub: Part[] | null;
}

export interface Breakdown {
  source: Source;
  rounded: boolean;
  total: Pick<Part, "current" | "previous">;
  groups: Group[];
}

/** Both kinds are told for each level; `sub_kind` is null on rows of a whole group, `kind` on those of everything. */
export type PartRow = Turn &
  Figures & { kind: PartKind | null; value: string | null; sub_kind: PartKind | null; sub_value: string | null };

/**
 * A scope's usage in parts that add up to its total, in one batch: the first groups by `measure` in the period itself, the
 * rest, and what belongs to no group. Throws as `readAll`.
 */
export async function readBreakdown(database: Database, scope: BreakdownScope): Promise<Breakdown> {
  const { statement, source, rounded } = partsStatement(scope);
  const [found = []] = (await readAll(database, scope.rootId, [statement])) as unknown as [PartRow[]];
  const compared = scope.previous !== null;
  const groups = partsOf(
    found.filter(({ kind, sub_kind: sub }) => kind !== null && sub === null),
    compared,
    ({ kind, value }) => ({ kind: kind as PartKind, value }),
  );
  const subs = found.filter(({ sub_kind: sub }) => sub !== null);
  return {
    source,
    rounded,
    total: figuresOf(
      found.filter(({ kind }) => kind === null),
      compared,
    ),
    groups: groups.map((group) => ({ ...group, sub: scope.sub === null ? null : subOf(group, subs, compared) })),
  };
}

/** The statement of a breakdown, whose rows come in the order of their rank, and of each by their turn. */
export function partsStatement(scope: BreakdownScope): Pick<ComparedRows, "source" | "rounded"> & { statement: SQL } {
  const columns: Column[] = [
    { name: "g", dimension: scope.group },
    ...(scope.sub === null ? [] : [{ name: "s", dimension: scope.sub }]),
  ];
  const { rows, source, rounded } = comparedRows(scope, columns);
  // Grouped twice by the same label, a row is of both columns or of none.
  const labels = columns.filter(({ dimension }) => dimension.label !== undefined);
  const labelled = source === "rollups" && labels.length === 1;
  const parts = labelled ? labelParts(scope, columns, rounded) : plainParts(scope, rows);
  return { statement: ofParts(scope, parts), source, rounded };
}

const subOf = (group: Part, subs: readonly PartRow[], compared: boolean): Part[] =>
  partsOf(
    subs.filter(({ kind, value }) => kind === group.kind && value === group.value),
    compared,
    ({ sub_kind: kind, sub_value: value }) => ({ kind: kind as PartKind, value }),
  );

function figuresOf(rows: readonly PartRow[], compared: boolean): Pick<Part, "current" | "previous"> {
  const ofTurn = (turn: number): Figures => {
    const row = rows.find((one) => one.turn === turn);
    return row === undefined ? NOTHING : pickFigures(row);
  };
  return { current: ofTurn(0), previous: compared ? ofTurn(1) : null };
}

/** Rows come in the order of their rank: values first, then the rest, then what has none. */
function partsOf(rows: readonly PartRow[], compared: boolean, labelOf: (row: PartRow) => Label): Part[] {
  const parts = Map.groupBy(rows, (row) => Object.values(labelOf(row)).join(" "));
  return [...parts.values()].map((ofPart) => ({ ...labelOf(ofPart[0] as PartRow), ...figuresOf(ofPart, compared) }));
}

/** `parts` names a table `labelled`: figures with the kind, value and rank that a row has of each column. */
function ofParts({ sub }: BreakdownScope, parts: SQL): SQL {
  if (sub === null) {
    return sql`with ${parts}
      select turn, kind, value, null as sub_kind, null as sub_value, ${summedFigures}
      from labelled group by grouping sets ((turn), (turn, kind, value, groups_rank))
      order by kind = 'unattributed', groups_rank nulls last, turn`;
  }
  return sql`with ${parts}
    select turn, kind, value, sub_kind, sub_value, ${summedFigures}
    from labelled
    group by grouping sets ((turn), (turn, kind, value, groups_rank),
      (turn, kind, value, groups_rank, sub_kind, sub_value, subs_rank))
    order by kind = 'unattributed', groups_rank nulls last, sub_kind = 'unattributed' nulls first, subs_rank nulls last, turn`;
}
