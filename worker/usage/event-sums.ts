import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { firstPartitionDay } from "./partition-days.ts";
import { type Boundary, type KeySums, querySums, TOTAL } from "./sums.ts";

/**
 * As `loadSums`, by events, and since ever by hourly sums: for checks, which hold what daily sums say against it. Takes as long as
 * there are events. Throws what the database throws.
 */
export const loadEventSums = (
  database: Database,
  rootId: string,
  boundaries: readonly Boundary[],
): Promise<KeySums[]> => querySums(database, rootId, statement(rootId, boundaries));

/** The first partition day that can hold an event of these windows. */
const earliestDay = (boundaries: readonly Boundary[]): string =>
  boundaries.length === 0 ? "infinity" : firstPartitionDay(Math.min(...boundaries.map(({ from }) => from.getTime())));

/** Events are read once: each falls between two boundaries, and counts for every window that had begun by then. */
const statement = (rootId: string, boundaries: readonly Boundary[]) => sql`
with boundary as (
  select "window", "from", row_number() over (order by "from") as place
  from jsonb_to_recordset(${JSON.stringify(boundaries)}::jsonb) as given("window" text, "from" timestamptz)
), beginnings as (
  select array_agg("from" order by place) as list from boundary
), slice as (
  select width_bucket(started_at, list) as place, organization_id, key_id,
    count(*) filter (where rev = 0) as requests, sum(input_uncached + cache_read + cache_write) as input_tokens,
    sum(output) as output_tokens, sum(cost_nano) as cost_nano
  from usage_events, beginnings
  where root_id = ${rootId} and day >= ${earliestDay(boundaries)}::date and started_at >= list[1]
  group by 1, 2, 3
)
select "window", organization_id, key_id, sum(requests) as requests, sum(input_tokens) as input_tokens,
  sum(output_tokens) as output_tokens, sum(cost_nano) as cost_nano
from boundary join slice on boundary.place <= slice.place
group by 1, 2, 3
union all
select ${TOTAL}::text, organization_id, key_id, sum(requests), sum(input_uncached + cache_read + cache_write), sum(output),
  sum(cost_nano)
from usage_rollups where root_id = ${rootId}
group by 1, 2, 3`;
