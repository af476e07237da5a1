import { sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type DimensionName, dimension } from "../stats/dimension.ts";
import { readAll } from "../stats/read.ts";
import type { Period } from "../stats/rows.ts";
import { matching, type RequestFilter } from "./matching.ts";

/** Further requests are not counted. */
const MOST_COUNTED = 10_000;
/** Values of a field that are told. */
const MOST_VALUES = 20;

/** A number of requests; `capped`: there are more. */
export interface Count {
  count: number;
  capped: boolean;
}

const countOf = (found: number): Count => ({ count: Math.min(found, MOST_COUNTED), capped: found > MOST_COUNTED });

/** How many requests match, to 10,000. Throws as `readAll`. */
export async function countRequests(database: Database, rootId: string, filter: RequestFilter): Promise<Count> {
  const [rows] = await readAll(database, rootId, [
    sql`select count(*)::int as found
      from (select from usage_events e where ${matching(rootId, filter)} limit ${MOST_COUNTED + 1}::int) taken`,
  ]);
  return countOf(Number(rows?.[0]?.found ?? 0));
}

export interface Facet {
  /** The most frequent first; null: requests that have none. */
  values: { value: string | null; count: number }[];
  /** There are more values. */
  more: boolean;
}

/** The values of some fields, each counted, among the newest 10,000 that match. Throws as `readAll`. */
export async function requestFacets(
  database: Database,
  rootId: string,
  filter: RequestFilter,
  fields: readonly DimensionName[],
): Promise<Count & { facets: Record<string, Facet> }> {
  const columns = fields.map((name) => sql`${dimension(name).events} as ${sql.identifier(name)}`);
  const joins = fields.flatMap((name) => dimension(name).join ?? []);
  const counted = fields.map((name) => {
    const column = sql.identifier(name);
    return sql`(select ${name}::text as field, ${column} as value, count(*)::int as count from taken
      group by ${column} order by count(*) desc, ${column} limit ${MOST_VALUES + 1}::int)`;
  });
  const [rows = []] = (await readAll(database, rootId, [
    sql`with found as materialized (
        select ${sql.join(columns, sql`, `)} from usage_events e ${sql.join(joins, sql` `)}
        where ${matching(rootId, filter)} order by e.event_id desc limit ${MOST_COUNTED + 1}::int
      ), taken as (select * from found limit ${MOST_COUNTED}::int)
      select null as field, null as value, count(*)::int as count from found
      union all ${sql.join(counted, sql` union all `)}`,
  ])) as unknown as [{ field: string | null; value: string | null; count: number }[]];
  const facets = fields.map((name): [string, Facet] => {
    const values = rows.filter(({ field }) => field === name).map(({ value, count }) => ({ value, count }));
    return [name, { values: values.slice(0, MOST_VALUES), more: values.length > MOST_VALUES }];
  });
  const found = rows.find(({ field }) => field === null)?.count ?? 0;
  return { ...countOf(found), facets: Object.fromEntries(facets) };
}

/** So many requests started in a stretch of time, and so many of them failed. */
export interface HistogramBar extends Period {
  requests: number;
  errors: number;
}

/** Requests over time in bars of one width, empty ones too. The filter must have both bounds. Throws as `readAll`. */
export async function requestHistogram(
  database: Database,
  rootId: string,
  filter: RequestFilter & Period,
  bars: number,
): Promise<HistogramBar[]> {
  const { from, to } = filter;
  const width = Math.max(1, Math.ceil((to - from) / bars));
  const [rows = []] = (await readAll(database, rootId, [
    sql`select ((extract(epoch from e.started_at) * 1000)::bigint - ${from}::bigint) / ${width}::bigint as bar,
        count(*)::int as requests, count(*) filter (where e.outcome not in ('ok', 'client_gone'))::int as errors
      from usage_events e where ${matching(rootId, filter)} group by 1`,
  ])) as unknown as [{ bar: string; requests: number; errors: number }[]];
  const found = new Map(rows.map(({ bar, requests, errors }) => [Number(bar), { requests, errors }]));
  return Array.from({ length: Math.ceil((to - from) / width) }, (_, bar) => ({
    ...{ from: from + bar * width, to: Math.min(to, from + (bar + 1) * width) },
    ...(found.get(bar) ?? { requests: 0, errors: 0 }),
  }));
}
