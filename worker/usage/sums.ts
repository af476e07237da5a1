import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { firstPartitionDay } from "./partition-days.ts";

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

interface SumRow extends Record<string, unknown> {
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

/**
 * What every key of a root was charged since each boundary, and since ever (`TOTAL`), as of one moment. An event belongs to
 * the windows of its `started_at`. Windows come from events, since days of a zone with half hours begin within an hour;
 * the total comes from rollups. A window without events has no rows.
 */
export async function loadSums(
  database: Database,
  rootId: string,
  boundaries: readonly Boundary[],
): Promise<KeySums[]> {
  const [{ rows }] = await forRoot(database, rootId).batch([database.execute<SumRow>(statement(rootId, boundaries))]);
  return rows.map((row) => ({
    window: row.window,
    organizationId: row.organization_id,
    keyId: row.key_id,
    settled: [safe(row.requests), safe(row.input_tokens), safe(row.output_tokens), safe(row.cost_nano)],
  }));
}

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
