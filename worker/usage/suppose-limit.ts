import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import { eventConditions, rollupConditions, type UsageFilter } from "./stats/filter.ts";
import type { Horizon } from "./stats/horizon.ts";
import { readAll } from "./stats/read.ts";
import type { Piece } from "./supposed-windows.ts";

/** What such a limit may count. */
export const SUPPOSED_METRICS = ["requests", "input_tokens", "output_tokens", "total_tokens", "cost"] as const;
export type SupposedMetric = (typeof SUPPOSED_METRICS)[number];

/** What a limit would have done to the requests of a month. Costs in nano-USD. */
export interface Supposed {
  requests: number;
  refused: number;
  refusedCostNano: bigint;
  /** Windows that begin or end in the month, and those in which the amount was reached. */
  windows: number;
  windowsReached: number;
  /** False: some requests are deleted by now, and of hours in which the amount was reached all count as sent. */
  exact: boolean;
}

const OF_METRIC: Record<SupposedMetric, SQL> = {
  requests: sql`requests`,
  input_tokens: sql`input_uncached + cache_read + cache_write`,
  output_tokens: sql`output`,
  total_tokens: sql`input_uncached + cache_read + cache_write + output`,
  cost: sql`cost_nano`,
};

/** What a piece of time has. */
interface Sum {
  requests: number;
  used: bigint;
  costNano: bigint;
}

type Row = Record<"requests" | "used" | "cost_nano", string>;
const NOTHING: Sum = { requests: 0, used: 0n, costNano: 0n };
const sumOf = (row: Row): Sum => ({
  requests: Number(row.requests),
  used: BigInt(row.used),
  costNano: BigInt(row.cost_nano),
});

/** Pieces as a table `p` of a statement, each with what its window had used before. */
const table = (pieces: readonly { at: number; piece: Piece; before: bigint }[]): SQL => {
  const rows = pieces.map(({ at, piece: { from, to }, before }) => ({
    ...{ at, before: String(before), from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    ...{ first: firstPartitionDay(from), last: partitionDay(to) },
  }));
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    p(at integer, before numeric, "from" timestamptz, "to" timestamptz, first date, last date)`;
};

/** The requests of each piece, as they stand with their corrections: `at`, `before`, `started_at`, `event_id`, `used`, `cost_nano`. */
const requestsOf = (
  { rootId, filter, metric }: Pick<Supposing, "rootId" | "filter" | "metric">,
  pieces: Parameters<typeof table>[0],
): SQL => sql`
  select p.at, p.before, e.event_id, min(e.started_at) as started_at, sum(e.requests) as requests,
    sum(e.cost_nano) as cost_nano, sum(${OF_METRIC[metric]}) as used
  from ${table(pieces)} cross join lateral (
    select e.*, (rev = 0)::int as requests from usage_events e
    where ${eventConditions(rootId, filter)} and e.started_at >= p."from" and e.started_at < p."to"
      and e.day >= p.first and e.day <= p.last offset 0
  ) e
  group by p.at, p.before, e.event_id`;

export interface Supposing {
  rootId: string;
  /** Whose requests: a branch's, or a key's. */
  filter: UsageFilter;
  metric: SupposedMetric;
  amount: number;
  pieces: readonly Piece[];
  horizon: Pick<Horizon, "eventsFrom">;
}

/**
 * What a limit would have refused: each request before which others had used up its amount, in the order in which requests began
 * in a window of it. Hours are added up by their sums, and only those in which the amount was reached are looked at request by request.
 * What was held meanwhile is not known any more, and counts nothing. Throws as `readAll`.
 */
export async function supposeLimit(database: Database, supposing: Supposing): Promise<Supposed> {
  const { pieces, amount, horizon } = supposing;
  const sums = await readSums(database, supposing);
  const supposed: Supposed = {
    requests: 0,
    refused: 0,
    refusedCostNano: 0n,
    windows: 0,
    windowsReached: 0,
    exact: true,
  };
  const reached: { at: number; piece: Piece; before: bigint }[] = [];
  let [used, over] = [0n, false];
  for (const [at, piece] of pieces.entries()) {
    if (piece.window !== pieces[at - 1]?.window) {
      [used, over] = [0n, amount === 0];
      supposed.windows++;
      if (over) supposed.windowsReached++;
    }
    const sum = sums.get(at) ?? NOTHING;
    if (piece.counted) supposed.requests += sum.requests;
    if (over) refuse(supposed, piece, sum);
    else if (used + sum.used >= BigInt(amount)) {
      over = true;
      supposed.windowsReached++;
      // Of before the month begins nothing is counted.
      if (piece.counted && piece.from >= horizon.eventsFrom) reached.push({ at, piece, before: used });
      else if (piece.counted) supposed.exact = false;
    }
    used += sum.used;
  }
  for (const sum of await readRefused(database, supposing, reached)) refuse(supposed, { counted: true }, sum);
  return supposed;
}

function refuse(supposed: Supposed, { counted }: Pick<Piece, "counted">, { requests, costNano }: Sum): void {
  if (!counted) return;
  supposed.refused += requests;
  supposed.refusedCostNano += costNano;
}

/** What each piece has, by its place: of whole hours by their sums, of parts by the requests themselves. */
async function readSums(database: Database, supposing: Supposing): Promise<Map<number, Sum>> {
  const { rootId, filter, metric, pieces } = supposing;
  const [from, to] = [pieces[0]?.from ?? 0, pieces.at(-1)?.to ?? 0];
  const placed = pieces.map((piece, at) => ({ at, piece, before: 0n }));
  const parts = placed.filter(({ piece }) => !piece.whole);
  const [hours = [], ofParts = []] = (await readAll(database, rootId, [
    sql`select (extract(epoch from hour) * 1000)::text as hour, sum(requests)::text as requests,
        sum(${OF_METRIC[metric]})::text as used, sum(cost_nano)::text as cost_nano
      from usage_rollups e where ${rollupConditions(rootId, filter)}
        and e.hour >= ${new Date(from).toISOString()}::timestamptz and e.hour < ${new Date(to).toISOString()}::timestamptz
      group by hour`,
    sql`select at, sum(requests)::text as requests, sum(used)::text as used, sum(cost_nano)::text as cost_nano
      from (${requestsOf(supposing, parts)}) r group by at`,
  ])) as unknown as [(Row & { hour: string })[], (Row & { at: number })[]];
  const byHour = new Map(hours.map((row) => [Number(row.hour), sumOf(row)]));
  const whole = placed.flatMap(({ at, piece }): [number, Sum][] => {
    const sum = piece.whole ? byHour.get(piece.from) : undefined;
    return sum === undefined ? [] : [[at, sum]];
  });
  return new Map([...whole, ...ofParts.map((row): [number, Sum] => [row.at, sumOf(row)])]);
}

/** Of the pieces in which the amount was reached the requests that came after that. */
async function readRefused(
  database: Database,
  supposing: Supposing,
  reached: Parameters<typeof table>[0],
): Promise<Sum[]> {
  const [rows = []] = (await readAll(database, supposing.rootId, [
    sql`select at, count(*)::text as requests, sum(used)::text as used, sum(cost_nano)::text as cost_nano
      from (
        select *, before + coalesce(sum(used) over (
          partition by at order by started_at, event_id rows between unbounded preceding and 1 preceding
        ), 0) as had
        from (${requestsOf(supposing, reached)}) r
      ) ordered
      where had >= ${String(supposing.amount)}::numeric and requests > 0 group by at`,
  ])) as unknown as [Row[]];
  return rows.map(sumOf);
}
