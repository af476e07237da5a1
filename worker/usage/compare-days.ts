import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import {
  type Comparison,
  comparePieces,
  DAY_MS,
  type Difference,
  MOST_DIFFERENCES,
  type Piece,
  within,
} from "./compare-pieces.ts";
import { FIGURES } from "./hourly-sums.ts";
import { partitionDay } from "./partition-days.ts";
import type { Horizon } from "./stats/horizon.ts";

interface DifferenceRow extends Record<string, unknown> {
  groups: string;
  sums: string | null;
  day: string;
  organization_id: string;
  figure: string;
  hours: string;
  days: string;
}

interface Table {
  /** The UTC day of a row. */
  day: SQL;
  /** Its rows that know every event; left out: all do. */
  where?: SQL;
}

const TABLES: Record<string, Table> = {
  usage_quarters: { day: sql`(e.quarter at time zone 'UTC')::date` },
  usage_day_totals: { day: sql`e.day` },
  usage_days: { day: sql`e.day` },
};
/** Of which days may be summed later. */
const FEWER: Record<string, Table> = {
  usage_hour_organizations: { day: sql`(e.hour at time zone 'UTC')::date` },
  usage_hours: { day: sql`(e.hour at time zone 'UTC')::date` },
  usage_hour_requests: { day: sql`(e.hour at time zone 'UTC')::date` },
  usage_day_models: { day: sql`e.day`, where: sql`e.label = ''` },
};

const summed = sql.join(
  FIGURES.map((name) => sql`sum(e.${sql.identifier(name)}) as ${sql.identifier(name)}`),
  sql`, `,
);

/**
 * Holds daily sums against the hourly ones, by day and organization, from the first whole day from `since` on (null: all there are).
 * Where hourly sums are those of events, daily ones are too. Days that are not summed yet are left out.
 */
export const compareDays = (
  database: Database,
  rootId: string,
  since: Date | null,
  horizon: Horizon,
): Promise<Comparison> =>
  comparePieces(database, rootId, since, async ({ from, to }) => {
    const [{ rows }] = await forRoot(database, rootId).batch([
      database.execute<DifferenceRow>(statement(rootId, { from: Math.max(from, horizon.summedFrom), to }, horizon)),
    ]);
    const differences = rows.flatMap(({ groups: _groups, sums, ...row }): Difference[] =>
      sums === null ? [] : [{ books: "days", sums, ...row }],
    );
    return { compared: Number(rows[0]?.groups ?? 0) * FIGURES.length, differences };
  });

function statement(rootId: string, { from, to }: Piece, { modelsFrom }: Horizon): SQL {
  const days = { from: Math.ceil(from / DAY_MS) * DAY_MS, to };
  const tables = Object.entries(modelsFrom > days.from ? TABLES : { ...TABLES, ...FEWER });
  const first = sql`${partitionDay(days.from)}::date`;
  const beyond = (day: SQL): SQL => (to === null ? sql`` : sql` and ${day} < ${partitionDay(to)}::date`);
  const selects = tables.map(
    ([name, { day, where }]) => sql`select ${name}::text as sums, ${day} as day, e.organization_id, ${summed}
      from ${sql.identifier(name)} e where e.root_id = ${rootId} and ${day} >= ${first}${beyond(day)}${where ? sql` and ${where}` : sql``}
      group by 2, 3`,
  );
  const names = sql.join(
    tables.map(([name]) => sql`(${name}::text)`),
    sql`, `,
  );
  const sides = sql.join(
    FIGURES.map((name) => sql`(${name}, hours.${sql.identifier(name)}, days.${sql.identifier(name)})`),
    sql`, `,
  );
  return sql`
with hours as (
  select given.sums, by_day.* from (values ${names}) given(sums) cross join (
    select (e.hour at time zone 'UTC')::date as day, e.organization_id, ${summed} from usage_rollups e
    where e.root_id = ${rootId} and ${within(sql`e.hour`, days)} group by 1, 2
  ) by_day
), days as (${sql.join(selects, sql` union all `)}),
figures as (
  select sums, day, organization_id, figure, coalesce(here, 0) as here, coalesce(there, 0) as there
  from hours full join days using (sums, day, organization_id) cross join lateral (values ${sides}) as side(figure, here, there)
), differing as (
  select * from figures where here <> there order by day desc, sums, organization_id, figure limit ${MOST_DIFFERENCES + 1}
)
select (select count(*) / ${FIGURES.length} from figures) as groups, sums, day::text as day, organization_id, figure,
  here::text as hours, there::text as days
from (select) as always left join differing on true`;
}
