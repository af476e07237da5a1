import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { type Comparison, type Difference, MOST_DIFFERENCES } from "./compare-rollups.ts";
import { FIGURES } from "./hourly-sums.ts";
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

/** Sums that know every event, with the UTC day of a row. */
const TABLES: Record<string, SQL> = {
  usage_quarters: sql`(e.quarter at time zone 'UTC')::date`,
  usage_day_totals: sql`e.day`,
  usage_days: sql`e.day`,
};

const summed = sql.join(
  FIGURES.map((name) => sql`sum(e.${sql.identifier(name)}) as ${sql.identifier(name)}`),
  sql`, `,
);

/**
 * Holds daily sums against the hourly ones, by day and organization, from the first whole day from `since` on (null: all there are).
 * Where hourly sums are those of events, daily ones are too. Days that are not summed yet are left out.
 */
export async function compareDays(
  database: Database,
  rootId: string,
  since: Date | null,
  { summedFrom }: Horizon,
): Promise<Comparison> {
  const from = new Date(Math.max(since?.getTime() ?? 0, summedFrom));
  const [{ rows }] = await forRoot(database, rootId).batch([database.execute<DifferenceRow>(statement(rootId, from))]);
  const differences = rows.flatMap(({ groups: _groups, sums, ...row }): Difference[] =>
    sums === null ? [] : [{ books: "days", sums, ...row }],
  );
  return { compared: Number(rows[0]?.groups ?? 0) * FIGURES.length, differences };
}

function statement(rootId: string, from: Date): SQL {
  const first = sql`(((${from.toISOString()}::timestamptz at time zone 'UTC') - interval '1 millisecond')::date + 1)`;
  const tables = Object.entries(TABLES).map(
    ([name, day]) => sql`select ${name}::text as sums, ${day} as day, e.organization_id, ${summed}
      from ${sql.identifier(name)} e where e.root_id = ${rootId} and ${day} >= ${first} group by 2, 3`,
  );
  const names = sql.join(
    Object.keys(TABLES).map((name) => sql`(${name}::text)`),
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
    where e.root_id = ${rootId} and e.hour >= ${first}::timestamp at time zone 'UTC' group by 1, 2
  ) by_day
), days as (${sql.join(tables, sql` union all `)}),
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
