import { sql } from "drizzle-orm";

/** What an hourly sum counts, in the order of `hourlySums`; the columns of `usage_rollups`. */
export const FIGURES = [
  "requests",
  "input_uncached",
  "cache_read",
  "cache_write",
  "output",
  "reasoning",
  "cost_nano",
  "list_cost_nano",
  "duration_ms",
  "errors",
  "estimated",
] as const;

/**
 * The select list that makes hourly sums of events, to be grouped by its first seven columns. The one definition: rollups
 * are written, compared and rebuilt by it. Corrections add signed tokens and cost, and count as no request.
 */
export const hourlySums = sql`
  root_id, date_trunc('hour', started_at, 'UTC') as hour, organization_id, key_id, upstream_model as model, provider,
  status / 100 as status_class,
  count(*) filter (where rev = 0) as requests,
  sum(input_uncached) as input_uncached, sum(cache_read) as cache_read, sum(cache_write) as cache_write,
  sum(output) as output, sum(reasoning) as reasoning, sum(cost_nano) as cost_nano,
  coalesce(sum(list_cost_nano), 0) as list_cost_nano,
  coalesce(sum(duration_ms) filter (where rev = 0), 0) as duration_ms,
  count(*) filter (where rev = 0 and outcome not in ('ok', 'client_gone')) as errors,
  count(*) filter (where rev = 0 and not exact) as estimated`;
