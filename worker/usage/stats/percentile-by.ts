import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { readAll } from "./read.ts";
import { eventsOf, type UsageScope } from "./rows.ts";

/** More requests than these are not all sorted: one in 32 is, by chance, and of many times as many fewer. */
const MOST_SORTED = 50_000;
/** So many of the sample are looked through at most. */
const MOST_SAMPLED = 150_000;
/** The characters of ids; an id ends in two by chance. */
const CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Which milliseconds of `usage_events e` are sorted, by what, and how far up the one stands that is told. */
interface Sorted {
  by: SQL;
  milliseconds: SQL;
  part: 0.5 | 0.95;
}

/**
 * A percentile by something, of all requests of a scope that have both, or of a sample of them. `requests`: how many everybody
 * has in that time. What nobody asked for is left out. Throws as `readAll`.
 */
async function percentileBy(
  database: Database,
  scope: UsageScope,
  requests: number,
  { by, milliseconds, part }: Sorted,
): Promise<Map<string, number>> {
  let kept = CHARACTERS.length;
  while (kept > 1 && (requests * kept) / CHARACTERS.length ** 2 > MOST_SAMPLED) kept /= 2;
  const sample = sql`right(e.event_id, 1) = '0' and substr(e.event_id, 25, 1) in ${CHARACTERS.slice(0, kept).split("")}`;
  const [rows = []] = (await readAll(database, scope.rootId, [
    sql`select ${by} as value, percentile_disc(${part}::double precision) within group (order by ${milliseconds}) as percentile
      from usage_events e
      where ${eventsOf(scope)} and e.rev = 0 and ${requests > MOST_SORTED ? sample : sql`true`}
        and ${milliseconds} is not null and ${by} is not null
      group by 1`,
  ])) as unknown as [{ value: string; percentile: number }[]];
  return new Map(rows.map(({ value, percentile }) => [value, Number(percentile)]));
}

/** The median of milliseconds until the provider's first byte, by `provider/model`. As `percentileBy`. */
export const medianFirstBytes = (
  database: Database,
  scope: UsageScope,
  requests: number,
): Promise<Map<string, number>> =>
  percentileBy(database, scope, requests, {
    ...{ by: sql`e.provider || '/' || e.upstream_model`, milliseconds: sql`e.ttft_ms`, part: 0.5 },
  });

/** The milliseconds that 95 of 100 requests of each route do not exceed, by the route's id. As `percentileBy`. */
export const slowRequestsOfRoutes = (
  database: Database,
  scope: UsageScope,
  requests: number,
): Promise<Map<string, number>> =>
  percentileBy(database, scope, requests, { by: sql`e.route_id`, milliseconds: sql`e.duration_ms`, part: 0.95 });
