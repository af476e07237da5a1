import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import { limitStatement } from "./stats/read.ts";

/** Settled amounts as a Ledger counts them: tokens, and nano-USD. A correction is no request. */
export type Sums = [requests: number, inputTokens: number, outputTokens: number, costNano: number];

/** Names the sums since ever. */
export const TOTAL = "total";

/** Where a window begins. */
export interface Boundary {
  window: string;
  from: Date;
}

/** What one key was charged under one organization since a window's beginning. */
export interface KeySums {
  window: string;
  organizationId: string;
  keyId: string;
  settled: Sums;
}

/** What a key or organization was charged, everything below included. */
export interface NodeSums {
  window: string;
  nodeId: string;
  settled: Sums;
}

/** A row of what a statement answers that names its sums so. */
export interface SumRow extends Record<string, unknown> {
  window: string;
  organization_id: string;
  key_id: string;
  requests: string;
  input_tokens: string;
  output_tokens: string;
  cost_nano: string;
}

/** Postgres keeps exact figures; a Ledger's counters stop at the edge of the safe integers, and so do these. */
const safe = (digits: string): number =>
  Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(digits)));

/** Answers a statement's sums. Throws what the database throws. */
export async function querySums(database: Database, rootId: string, statement: SQL): Promise<KeySums[]> {
  const [, { rows }] = await forRoot(database, rootId).batch([
    limitStatement(database, 1),
    database.execute<SumRow>(statement),
  ]);
  return rows.map((row) => ({
    window: row.window,
    organizationId: row.organization_id,
    keyId: row.key_id,
    settled: [safe(row.requests), safe(row.input_tokens), safe(row.output_tokens), safe(row.cost_nano)],
  }));
}

/**
 * What every key of a root was charged since each boundary, and since ever (`TOTAL`), as of one moment. An event belongs to
 * the windows of its `started_at`. Whole days and hours come from their sums, and only the rest of an hour from events: a
 * month of millions is some thousand rows. A window without events has no rows. Throws what the database throws.
 */
export const loadSums = (database: Database, rootId: string, boundaries: readonly Boundary[]): Promise<KeySums[]> =>
  querySums(database, rootId, statement(rootId, boundaries));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const iso = (at: number): string => new Date(at).toISOString();

/** Where events, hourly sums and daily sums go on from each other. A zone's days may begin within an hour of UTC. */
function layOut({ window, from }: Boundary): Record<string, string> {
  const at = from.getTime();
  const hours = Math.ceil(at / HOUR_MS) * HOUR_MS;
  const days = Math.ceil(hours / DAY_MS) * DAY_MS;
  return {
    ...{ window, from: iso(at), hours: iso(hours), days: iso(days) },
    ...{ first_day: firstPartitionDay(at), last_day: partitionDay(at) },
  };
}

const EVER = { ...{ window: TOTAL, from: "-infinity", hours: "-infinity", days: "-infinity" }, first_day: null };

/** Every bound is a column, since policies let no more than that into an index. Days that are not summed yet are read by the hour. */
const statement = (rootId: string, boundaries: readonly Boundary[]): SQL => sql`
with boundary as materialized (
  select "window", "from", hours, first_day, last_day, day, (day::timestamp at time zone 'UTC') as days
  from jsonb_to_recordset(${JSON.stringify([...boundaries.map(layOut), EVER])}::jsonb)
    as given("window" text, "from" timestamptz, hours timestamptz, days timestamptz, first_day date, last_day date)
  cross join lateral (
    select greatest((given.days at time zone 'UTC')::date, summed_from) as day from gaia_usage_horizon()
  ) summed
), beginning as materialized (
  select distinct "from", hours, first_day, last_day, day, days, dense_rank() over (order by day) as place from boundary
), slice as (
  select width_bucket(day, list) as place, organization_id, key_id, sum(requests) as requests,
    sum(input_uncached + cache_read + cache_write) as input_tokens, sum(output) as output_tokens, sum(cost_nano) as cost_nano
  from usage_day_totals, (select array_agg(distinct day order by day) as list from boundary) beginnings
  where root_id = ${rootId} and day >= list[1]
  group by 1, 2, 3
), part as (
  select "from", organization_id, key_id, requests, input_tokens, output_tokens, cost_nano
  from beginning join slice on beginning.place <= slice.place
  union all
  select "from", organization_id, key_id, requests, input_uncached + cache_read + cache_write, output, cost_nano
  from beginning join usage_rollups on root_id = ${rootId} and hour >= hours and hour < days
  union all
  select "from", organization_id, key_id, (rev = 0)::int, input_uncached + cache_read + cache_write, output, cost_nano
  from beginning join usage_events on root_id = ${rootId} and usage_events.day >= first_day and usage_events.day <= last_day
    and started_at >= "from" and started_at < hours
), summed as (
  select "from", organization_id, key_id, sum(requests) as requests, sum(input_tokens) as input_tokens,
    sum(output_tokens) as output_tokens, sum(cost_nano) as cost_nano
  from part group by 1, 2, 3
)
select "window", summed.* from boundary join summed using ("from")`;

/**
 * Adds what keys were charged up to their organization and all above it. `pathOf` answers the organization ids from one up
 * to the root. A key that has moved counts for each organization what was charged there.
 */
export function rollUp(sums: readonly KeySums[], pathOf: (organizationId: string) => readonly string[]): NodeSums[] {
  const nodes = new Map<string, NodeSums>();
  for (const { window, organizationId, keyId, settled } of sums) {
    for (const nodeId of [keyId, ...pathOf(organizationId)]) {
      const name = `${window} ${nodeId}`;
      const node = nodes.get(name) ?? { window, nodeId, settled: [0, 0, 0, 0] };
      node.settled = plus(node.settled, settled);
      nodes.set(name, node);
    }
  }
  return [...nodes.values()];
}

const plus = (a: Sums, b: Sums): Sums => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
