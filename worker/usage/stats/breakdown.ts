import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type ComparedScope, comparedRows, type Turn } from "./compared.ts";
import type { Dimension } from "./dimension.ts";
import {
  addedFigures,
  anyFigure,
  anyUse,
  type Figures,
  MEASURES,
  type MeasureName,
  NOTHING,
  pickFigures,
  summedFigures,
} from "./figures.ts";
import { readAll } from "./read.ts";
import type { Column, Source } from "./rows.ts";

export interface BreakdownScope extends ComparedScope {
  group: Dimension;
  /** A second grouping within each group. */
  sub: Dimension | null;
  /** What groups are ranked by. */
  measure: MeasureName;
  /** Groups that are told one by one, of each grouping; the rest is one group, `other`. */
  top: number;
}

/** `value`: of one value; `other`: of all values beyond the first; `unattributed`: of rows that have none. */
type PartKind = "value" | "other" | "unattributed";

interface Label {
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
type Row = Turn &
  Figures & { kind: PartKind | null; value: string | null; sub_kind: PartKind | null; sub_value: string | null };

/**
 * A scope's usage in parts that add up to its total, in one batch: the first groups by `measure` in the period itself, the
 * rest, and what belongs to no group. Throws as `readAll`.
 */
export async function readBreakdown(database: Database, scope: BreakdownScope): Promise<Breakdown> {
  const columns: Column[] = [
    { name: "g", dimension: scope.group },
    ...(scope.sub === null ? [] : [{ name: "s", dimension: scope.sub }]),
  ];
  const { rows, source, rounded } = comparedRows(scope, columns);
  const [found = []] = (await readAll(database, scope.rootId, [statement(scope, rows)])) as unknown as [Row[]];
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

const subOf = (group: Part, subs: readonly Row[], compared: boolean): Part[] =>
  partsOf(
    subs.filter(({ kind, value }) => kind === group.kind && value === group.value),
    compared,
    ({ sub_kind: kind, sub_value: value }) => ({ kind: kind as PartKind, value }),
  );

function figuresOf(rows: readonly Row[], compared: boolean): Pick<Part, "current" | "previous"> {
  const ofTurn = (turn: number): Figures => {
    const row = rows.find((one) => one.turn === turn);
    return row === undefined ? NOTHING : pickFigures(row);
  };
  return { current: ofTurn(0), previous: compared ? ofTurn(1) : null };
}

/** Rows come in the order of their rank: values first, then the rest, then what has none. */
function partsOf(rows: readonly Row[], compared: boolean, labelOf: (row: Row) => Label): Part[] {
  const parts = Map.groupBy(rows, (row) => Object.values(labelOf(row)).join(" "));
  return [...parts.values()].map((ofPart) => ({ ...labelOf(ofPart[0] as Row), ...figuresOf(ofPart, compared) }));
}

/** The kind and value of a column by the ranks in `ranking`. */
const labels = (column: SQL, ranking: SQL, kind: SQL, value: SQL): SQL => sql`
  case when ${column} is null then 'unattributed' when ${ranking}.rank is null then 'other' else 'value' end as ${kind},
  case when ${ranking}.rank is not null then ${column} end as ${value}, ${ranking}.rank as ${ranking}_rank`;

/** The first values of a column in the period itself. */
const ranked = (column: SQL, { measure, top }: BreakdownScope): SQL => sql`
  select ${column} as name, row_number() over (order by ${MEASURES[measure]} desc, ${column}) as rank
  from whole where turn = 0 and ${column} is not null group by ${column} order by rank limit ${top}::int`;

function statement(scope: BreakdownScope, rows: SQL): SQL {
  const label = { kind: sql`kind`, value: sql`value`, subKind: sql`sub_kind`, subValue: sql`sub_value` };
  const first = labels(sql`g`, sql`groups`, label.kind, label.value);
  if (scope.sub === null && scope.group.label !== undefined) return labelStatement(scope, rows, first);
  if (scope.sub === null) {
    return sql`
      with whole as materialized (
        select turn, g, ${addedFigures} from (${rows}) r group by turn, g having ${anyFigure}
      ),
      groups as (${ranked(sql`g`, scope)}),
      labelled as (select whole.*, ${first} from whole left join groups on groups.name = g)
      select turn, kind, value, null as sub_kind, null as sub_value, ${summedFigures}
      from labelled group by grouping sets ((turn), (turn, kind, value, groups_rank))
      order by kind = 'unattributed', groups_rank nulls last, turn`;
  }
  const second = labels(sql`s`, sql`subs`, label.subKind, label.subValue);
  return sql`
    with whole as materialized (
      select turn, g, s, ${addedFigures} from (${rows}) r group by turn, g, s having ${anyFigure}
    ),
    groups as (${ranked(sql`g`, scope)}),
    subs as (${ranked(sql`s`, scope)}),
    labelled as (
      select whole.*, ${first}, ${second}
      from whole left join groups on groups.name = g left join subs on subs.name = s
    )
    select turn, kind, value, sub_kind, sub_value, ${summedFigures}
    from labelled
    group by grouping sets ((turn), (turn, kind, value, groups_rank),
      (turn, kind, value, groups_rank, sub_kind, sub_value, subs_rank))
    order by kind = 'unattributed', groups_rank nulls last, sub_kind = 'unattributed' nulls first, subs_rank nulls last, turn`;
}

/** There may be a value for every few requests: the first are found by little more than what ranks them, and only then summed. */
function labelStatement({ measure, top }: BreakdownScope, rows: SQL, labelled: SQL): SQL {
  return sql`
    with groups as (
      select g as name, row_number() over (order by ranked desc, g) as rank from (
        select g, ${MEASURES[measure]} as ranked from (${rows}) r where turn = 0 and g is not null group by g
        having ${anyUse} order by 2 desc, 1 limit ${top}::int
      ) found
    ),
    labelled as (select r.*, ${labelled} from (${rows}) r left join groups on groups.name = g),
    parts as materialized (
      select turn, kind, value, groups_rank, ${addedFigures} from labelled group by 1, 2, 3, 4 having ${anyFigure}
    )
    select turn, kind, value, null as sub_kind, null as sub_value, ${summedFigures}
    from parts group by grouping sets ((turn), (turn, kind, value, groups_rank))
    order by kind = 'unattributed', groups_rank nulls last, turn`;
}
