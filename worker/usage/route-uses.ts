import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import { readAll } from "./stats/read.ts";
import type { UsageScope } from "./stats/rows.ts";

/** So many requests are looked through at most, the newest of the whole tree: what a busy tenant costs has a bound. */
const MOST = 20_000;

/** How many requests over a route used something that not every model has. */
export interface RouteUse {
  routeId: string;
  use: string;
  requests: number;
}

/** What the requests over each route used that not every model has, of the organizations and the time of a scope. Throws as `readAll`. */
export async function readRouteUses(database: Database, { rootId, filter, period }: UsageScope): Promise<RouteUse[]> {
  const { organizationIds } = filter;
  const at = (moment: number) => sql`${new Date(moment).toISOString()}::timestamptz`;
  const ofBranch =
    organizationIds === undefined
      ? sql`true`
      : sql`r.organization_id in (select jsonb_array_elements_text(${JSON.stringify(organizationIds)}::jsonb))`;
  const [rows = []] = (await readAll(database, rootId, [
    sql`with recent as (
        select e.organization_id, e.route_id, e.uses from usage_events e
        where e.root_id = ${rootId} and e.rev = 0
          and e.day between ${firstPartitionDay(period.from)}::date and ${partitionDay(period.to)}::date
          and e.started_at >= ${at(period.from)} and e.started_at < ${at(period.to)}
        order by e.started_at desc limit ${MOST}::int
      )
      select r.route_id as "routeId", used as use, count(*)::int as requests
      from recent r cross join lateral jsonb_array_elements_text(r.uses) used
      where r.uses is not null and r.route_id is not null and ${ofBranch}
      group by 1, 2`,
  ])) as unknown as [RouteUse[]];
  return rows;
}
