import { type SQL, sql } from "drizzle-orm";
import { type ComparedRows, type ComparedScope, comparedRows, ofPeriod } from "./compared.ts";
import { dearest } from "./dearest.ts";
import type { Dimension } from "./dimension.ts";
import {
  addedFigures,
  anyFigure,
  anyUse,
  MEASURES,
  type MeasureName,
  minusFigures,
  theFigures,
  wholeFigures,
} from "./figures.ts";
import type { Column, RowOptions } from "./rows.ts";

export interface BreakdownScope extends ComparedScope {
  group: Dimension;
  /** A second grouping within each group. */
  sub: Dimension | null;
  /** What groups are ranked by. */
  measure: MeasureName;
  /** Groups that are told one by one, of each grouping; the rest is one group, `other`. */
  top: number;
}

/** How a grouping is called in a statement: what it groups by, its ranks, and what a row comes to be of it. */
const GROUP = { name: sql`g`, ranking: sql`groups`, rank: sql`groups_rank`, kind: sql`kind`, value: sql`value` };
const SUB = { name: sql`s`, ranking: sql`subs`, rank: sql`subs_rank`, kind: sql`sub_kind`, value: sql`sub_value` };
type Side = typeof GROUP;

/** Rows of some values, and what no other value is above. */
interface Few {
  rows: SQL;
  others: SQL;
}

/** The first values of a side in the period itself, by sums of all rows. */
const ranks = ({ name, ranking }: Side, { measure, top }: BreakdownScope): SQL => sql`${ranking} as (
  select ${name} as name, row_number() over (order by ${MEASURES[measure]} desc, ${name}) as rank
  from whole where ${ofPeriod} and ${name} is not null group by ${name} order by rank limit ${top}::int
)`;

/** What the rows of `whole` come to be of a side, by its ranks. */
const toldOf = ({ name, ranking, rank, kind, value }: Side): SQL => sql`
  case when ${name} is null then 'unattributed' when ${ranking}.rank is null then 'other' else 'value' end as ${kind},
  case when ${ranking}.rank is not null then ${name} end as ${value}, ${ranking}.rank as ${rank}`;

const joined = ({ name, ranking }: Side): SQL => sql`left join ${ranking} on ${ranking}.name = ${name}`;

/** Tables that end with `labelled`, of rows that are all summed by their values first. */
export function plainParts(scope: BreakdownScope, rows: SQL): SQL {
  const sides = scope.sub === null ? [GROUP] : [GROUP, SUB];
  const list = (each: (side: Side) => SQL, separator = sql`, `): SQL => sql.join(sides.map(each), separator);
  return sql`
    whole as materialized (
      select turn, ${list(({ name }) => name)}, ${addedFigures} from (${rows}) r
      group by turn, ${list(({ name }) => name)} having ${anyFigure}
    ),
    ${list((side) => ranks(side, scope))},
    labelled as (select whole.*, ${list(toldOf)} from whole ${list(joined, sql` `)})`;
}

/**
 * The same where one column is a label and daily sums are read. There may be a value for every few requests, and to sum all figures
 * of each takes long: the first are found by nothing but what ranks them and then read by their index. Others are all that have a value less
 * those, and what has none is everything less all that have one. Buckets have edges of their own: where hours tell what all values used, only
 * the first values' events are read there. Else events at the edges are read once. `rounded`: as the rows are.
 */
export function labelParts(scope: BreakdownScope, columns: readonly Column[], rounded: boolean): SQL {
  const [side, other] = scope.group.label === undefined ? [SUB, GROUP] : [GROUP, scope.sub === null ? null : SUB];
  const by = other === null ? sql`` : sql`, ${other.name}`;
  const isSession = (side === SUB ? scope.sub : scope.group)?.label === "session";
  const labelled = (options: RowOptions, of: ComparedScope = scope): ComparedRows =>
    comparedRows(of, columns, { of: "labelled", ...options });
  const all = labelled({ untold: true });
  const inBuckets = scope.slots !== undefined && all.hourly;
  const { slots: _slots, ...whole } = scope;
  const ranked: ComparedScope = inBuckets ? { ...whole, previous: null } : scope;
  const { sums, events } = labelled({}, ranked);
  const told = sql`turn, ${side.name}${by}, ${theFigures}`;
  const first = sql`array(select name from ${side.ranking})`;
  const edges = events === null ? sql`` : sql`union all select ${told} from edges`;
  const valued = sums === null ? sql`select ${told} from edges` : sql`select ${told} from (${sums}) r ${edges}`;
  const bounds = isSession && scope.measure === "cost" ? dearest(scope) : null;
  const few = bounds && {
    rows: labelled({ values: bounds.sessions, edgeValues: bounds.atEdges }, { ...whole, previous: null }).rows,
    others: bounds.others,
  };
  // A session has so few requests that all of them are found sooner than its sums and those at the edges.
  const firstRows =
    inBuckets || isSession
      ? labelled({ values: first }, isSession && all.hourly ? { ...scope, raw: true } : scope).rows
      : sql`select ${told} from (${labelled({ values: first }).sums}) r ${edges}`;
  const allRows = all.hourly
    ? sql`select turn${by}, ${theFigures} from (${all.sums}) r ${
        all.events === null
          ? sql``
          : sql`union all select turn${by}, ${theFigures} from (${all.events}) r where ${side.name} is not null`
      }`
    : sql`select turn${by}, ${theFigures} from (${all.sums}) r
        ${events === null ? sql`` : sql`union all select turn${by}, ${theFigures} from edges`}`;
  // Of days without events a label's period begins later than one of everything.
  const each = rounded
    ? comparedRows(scope, columns, { of: "each" })
    : comparedRows(
        scope,
        columns.filter(({ dimension }) => dimension.label === undefined),
      );
  return sql`
    ${
      events === null
        ? sql``
        : sql`edges as materialized (
      select turn, ${side.name}${by}, ${wholeFigures} from (${events}) r where ${side.name} is not null group by turn, ${side.name}${by}
    ),`
    }
    ${bounds?.tables ?? sql``}${labelRanks(side, scope, valued, few)},
    first_values as materialized (
      select turn, ${side.name}${by}, ${addedFigures} from (${firstRows}) r
      where ${side.name} = any(${first}) group by turn, ${side.name}${by}
    ),
    all_values as materialized (select turn${by}, ${addedFigures} from (${allRows}) r group by turn${by}),
    everything as materialized (select turn${by}, ${addedFigures} from (${each.rows}) r group by turn${by}),
    whole as materialized (
      select turn, label_kind, label_value, label_rank${by}, ${addedFigures} from (
        select turn, 'value' as label_kind, ${side.name} as label_value, rank as label_rank${by}, ${theFigures}
        from first_values join ${side.ranking} on name = ${side.name}
        union all select turn, 'other', null, null${by}, ${theFigures} from all_values
        union all select turn, 'other', null, null${by}, ${minusFigures} from first_values
        union all select turn, 'unattributed', null, null${by}, ${theFigures} from everything
        union all select turn, 'unattributed', null, null${by}, ${minusFigures} from all_values
      ) p group by turn, label_kind, label_value, label_rank${by} having ${anyFigure}
    ),
    ${other === null ? sql`` : sql`${ranks(other, scope)},`}
    labelled as (
      select whole.*, label_kind as ${side.kind}, label_value as ${side.value}, label_rank as ${side.rank}
        ${other === null ? sql`` : sql`, ${toldOf(other)}`}
      from whole ${other === null ? sql`` : joined(other)}
    )`;
}

/**
 * The first values of a label in the period itself. Those above nothing need no look at their other figures; only where they are too
 * few, ones that come to nothing are told from ones of which all was taken away again. The dearest sessions are looked for among
 * those that can be; `few` are the rows of these.
 */
function labelRanks({ name, ranking }: Side, { measure, top }: BreakdownScope, rows: SQL, few: Few | null): SQL {
  const found = (from: SQL, condition: SQL, having: SQL): SQL => sql`
    select ${name} as name, ${MEASURES[measure]} as ranked from (${from}) r where ${ofPeriod} and ${name} is not null${condition}
    group by ${name} having ${having} order by 2 desc, 1 limit ${top}::int`;
  const enough = (table: SQL): SQL => sql`(select count(*) from ${table}) >= ${top}::int`;
  const first = sql`first_look`;
  return sql`
    ${few === null ? sql`` : sql`${first} as materialized (${found(few.rows, sql``, sql`${MEASURES[measure]} > ${few.others}`)}),`}
    above_nothing as materialized (${
      few === null
        ? found(rows, sql``, sql`${MEASURES[measure]} > 0`)
        : sql`select * from ${first} where ${enough(first)}
          union all (${found(rows, sql` and not ${enough(first)}`, sql`${MEASURES[measure]} > 0`)})`
    }),
    ${ranking} as materialized (
      select name, row_number() over (order by ranked desc, name) as rank from (
        select * from above_nothing where ${enough(sql`above_nothing`)}
        union all (${found(rows, sql` and not ${enough(sql`above_nothing`)}`, anyUse)})
      ) found
    )`;
}
