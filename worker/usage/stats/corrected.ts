import { type SQL, sql } from "drizzle-orm";
import { firstPartitionDay, partitionDay } from "../partition-days.ts";
import { rollupConditionsOfEvents, type UsageFilter } from "./filter.ts";
import { instants, list } from "./places.ts";
import type { Tile } from "./tiles.ts";

/**
 * Rows `e` of requests that were corrected, in tiles `t`, and how often each counts beside sums of first rows, which judge a request by
 * what was first known: once more, once less, or (left out) not at all. An index knows the few that were corrected.
 */
export function correctedTiles(
  { rootId, filter }: { rootId: string; filter: UsageFilter },
  tiles: readonly Tile[],
): { from: SQL; sign: SQL } {
  const whole = { from: Math.min(...tiles.map(({ from }) => from)), to: Math.max(...tiles.map(({ to }) => to)) };
  const ofDays = sql`between ${firstPartitionDay(whole.from)}::date and ${partitionDay(whole.to)}::date`;
  const chosen = (cacheRead: SQL, attempts: SQL): SQL =>
    sql.join(
      [
        ...(filter.cached === undefined ? [] : [sql`(${cacheRead} > 0) = ${filter.cached}`]),
        ...(filter.retried === undefined ? [] : [sql`(${attempts} > 1) = ${filter.retried}`]),
      ],
      sql` and `,
    );
  const numbers = (of: (tile: Tile) => number): SQL => sql`${list(tiles.map(of))}::int[]`;
  return {
    sign: sql`(t.sign * e.times)`,
    from: sql`(
      select e.*, (${chosen(sql`e.all_read`, sql`e.all_attempts`)})::int
        - (e.rev = 0 and ${chosen(sql`e.cache_read`, sql`e.attempts`)})::int as times
      from (
        select distinct a.event_id, a.day from usage_events a where a.root_id = ${rootId} and a.rev > 0 and a.day ${ofDays}
      ) corrected
      cross join lateral (
        select e.*, sum(e.cache_read) over () as all_read, sum(e.attempts) over () as all_attempts from usage_events e
        where e.root_id = ${rootId} and e.event_id = corrected.event_id and e.day = corrected.day offset 0
      ) e where ${rollupConditionsOfEvents(rootId, filter)} and e.day ${ofDays}
    ) e
    join unnest(${instants(tiles.map(({ from }) => from))}, ${instants(tiles.map(({ to }) => to))}, ${numbers(({ slot }) => slot)},
      ${numbers(({ sign }) => sign)}) t("from", "to", slot, sign)
      on e.times <> 0 and e.started_at >= t."from" and e.started_at < t."to"`,
  };
}
