import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type pg from "pg";
import { hourlySums } from "../worker/usage/hourly-sums.ts";

/** Sums up a root's events from a moment on, for which there are no hourly sums yet, by hour and by day. */
export async function makeSums(client: pg.Client, rootId: string, since: Date): Promise<void> {
  const hours = new PgDialect().sqlToQuery(sql`
    insert into usage_rollups (root_id, hour, organization_id, key_id, model, provider, status_class, requests,
      input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
    select ${hourlySums} from usage_events where root_id = ${rootId} and started_at >= ${since.toISOString()}::timestamptz
    group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7`);
  await client.query(hours.sql, hours.params);
  const days = `select gaia_resum_usage($1, day::date) from generate_series($2::date, now() at time zone 'UTC', '1 day') day`;
  await client.query(days, [rootId, since.toISOString().slice(0, 10)]);
}
