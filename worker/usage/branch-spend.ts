import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { dimension } from "./stats/dimension.ts";
import { readAll } from "./stats/read.ts";
import { rowsOf, type UsageScope } from "./stats/rows.ts";

/** An organization, and since when it is added up what it and all below it used. */
export interface Branch {
  id: string;
  /** Milliseconds since the epoch. */
  since: number;
}

/** What a branch has used: requests and nano-USD, in decimal digits. */
export interface BranchSpend {
  requests: string;
  costNano: string;
}

/**
 * What branches used since a moment of each, until `until`, in one statement. Moments that differ, as months do that begin by
 * different clocks, cut the time into slots, of which each branch counts those from its own on. `below` is a recursive table of
 * `top` and `id` (`branchesOf`). A branch that used nothing is left out. Throws as `readAll`.
 */
export async function readBranchSpend(
  database: Database,
  scope: Omit<UsageScope, "period">,
  { branches, below, until }: { branches: readonly Branch[]; below: SQL; until: number },
): Promise<Map<string, BranchSpend>> {
  const starts = [...new Set(branches.map(({ since }) => since))].filter((at) => at < until).sort((a, b) => a - b);
  const [first] = starts;
  if (first === undefined) return new Map();
  const slots = starts.map((from, id) => ({ id, from, to: starts[id + 1] ?? until }));
  const columns = [{ name: "organization", dimension: dimension("organization") }];
  const { rows } = rowsOf({ ...scope, period: { from: first, to: until } }, columns, slots);
  const asked = branches.map(({ id, since }) => ({ id, slot: starts.indexOf(since) }));
  const [found = []] = (await readAll(database, scope.rootId, [
    sql`with ${below}, spent as (
        select organization, slot, sum(requests) as requests, sum(cost_nano) as cost_nano from (${rows}) r group by 1, 2
      )
      select below.top as id, sum(requests)::text as requests, sum(cost_nano)::text as cost_nano
      from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) asked(id text, slot integer)
      join below on below.top = asked.id
      join spent on spent.organization = below.id and spent.slot >= asked.slot
      group by 1`,
  ])) as unknown as [{ id: string; requests: string; cost_nano: string }[]];
  return new Map(found.map(({ id, requests, cost_nano: costNano }) => [id, { requests, costNano }]));
}
