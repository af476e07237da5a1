import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import {
  type Comparison,
  comparePieces,
  DAY_MS,
  type Difference,
  MOST_DIFFERENCES,
  ofPartitions,
  type Piece,
  within,
} from "./compare-pieces.ts";
import { FIGURES } from "./hourly-sums.ts";
import { partitionDay } from "./partition-days.ts";
import { addedFigures, eventFigures } from "./stats/figures.ts";
import type { Horizon } from "./stats/horizon.ts";

interface DifferenceRow extends Record<string, unknown> {
  groups: string;
  sums: string | null;
}

interface BoundRow extends Record<string, unknown> {
  sessions: string;
  below: string;
}

/**
 * Holds sums by label against the events, by label, day and organization, from the first whole day from `since` on (null: all there
 * are), and the bounds of sessions against what these cost. No value is named in a difference: it may be a person.
 */
export const compareLabels = (
  database: Database,
  rootId: string,
  since: Date | null,
  { summedFrom, modelsFrom }: Horizon,
): Promise<Comparison> =>
  comparePieces(database, rootId, since, async ({ from, to }) => {
    const days = { from: Math.ceil(Math.max(from, summedFrom) / DAY_MS) * DAY_MS, to };
    // The fewer sums may come later than the others.
    const few = modelsFrom <= days.from;
    const [{ rows }, bounds] = await forRoot(database, rootId).batch([
      database.execute<DifferenceRow>(sumsStatement(rootId, days, few)),
      ...(few ? [database.execute<BoundRow>(boundsStatement(rootId, days))] : []),
    ]);
    const differences = rows.flatMap(({ groups: _groups, sums, ...row }): Difference[] =>
      sums === null ? [] : [{ books: "labels", sums, ...(row as Difference) }],
    );
    const { sessions = "0", below = "0" } = bounds?.rows[0] ?? {};
    if (below !== "0") {
      const first = partitionDay(days.from);
      differences.push({ books: "labels", sums: "usage_sessions", day: first, figure: "cost_most", sessions: below });
    }
    return { compared: Number(rows[0]?.groups ?? 0) * FIGURES.length + Number(sessions), differences };
  });

const eventsOf = (rootId: string, days: Piece): SQL =>
  sql`e.root_id = ${rootId} and ${ofPartitions(days)} and ${within(sql`e.started_at`, days)}`;

const OF_HOURS = "usage_hour_labels";
const HOURS_DAY = sql`(hour at time zone 'UTC')::date`;

function sumsStatement(rootId: string, days: Piece, few: boolean): SQL {
  const beyond = days.to === null ? sql`` : sql` and day < ${partitionDay(days.to)}::date`;
  const ofDays = sql`day >= ${partitionDay(days.from)}::date${beyond}`;
  const ofTable = (name: string): SQL => sql`
    select ${name}::text as sums, label, ${name === OF_HOURS ? HOURS_DAY : sql`day`} as day, organization_id, ${addedFigures}
    from ${sql.identifier(name)}
    where root_id = ${rootId} and label <> '' and ${name === OF_HOURS ? within(sql`hour`, days) : ofDays} group by 2, 3, 4`;
  const names = ["usage_day_labels", ...(few ? ["usage_day_models", OF_HOURS] : [])];
  const given = names.map((name) => sql`(${name}::text)`);
  const sides = FIGURES.map((name) => sql`(${name}, events.${sql.identifier(name)}, days.${sql.identifier(name)})`);
  return sql`
with labelled as (
  select l.label, (e.started_at at time zone 'UTC')::date as day, e.organization_id, ${eventFigures(1)}
  from usage_events e cross join lateral (
    select 'session' as label where e.session_id is not null
    union all select 'agent' where e.agent_id is not null
    union all select 'end_user' where e.end_user is not null
    union all select 'tag:' || tag.key from jsonb_each_text(e.tags) tag where tag.value is not null
  ) l where ${eventsOf(rootId, days)}
), events as (
  select given.sums, by_day.* from (values ${sql.join(given, sql`, `)}) given(sums) cross join (
    select label, day, organization_id, ${addedFigures} from labelled group by 1, 2, 3
  ) by_day
), days as (${sql.join(names.map(ofTable), sql` union all `)}),
figures as (
  select sums, label, day, organization_id, figure, coalesce(here, 0) as here, coalesce(there, 0) as there
  from events full join days using (sums, label, day, organization_id)
  cross join lateral (values ${sql.join(sides, sql`, `)}) as side(figure, here, there)
), differing as (
  select * from figures where here <> there order by day desc, sums, label, organization_id, figure limit ${MOST_DIFFERENCES + 1}
)
select (select count(*) / ${FIGURES.length} from figures) as groups, sums, label, day::text as day, organization_id, figure,
  here::text as events, there::text as days
from (select) as always left join differing on true`;
}

/** How many sessions there are, and how many of them cost more than their bound. */
const boundsStatement = (rootId: string, days: Piece): SQL => sql`
  select count(*)::text as sessions, (count(*) filter (where cost > coalesce(s.cost_most, 0)))::text as below from (
    select e.session_id, sum(greatest(e.cost_nano, 0)) as cost from usage_events e
    where ${eventsOf(rootId, days)} and e.session_id is not null group by 1
  ) costs left join usage_sessions s on s.root_id = ${rootId} and s.session_id = costs.session_id`;
