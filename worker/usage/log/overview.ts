import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type DimensionName, dimension } from "../stats/dimension.ts";
import { needsOf } from "../stats/filter.ts";
import { type Horizon, WHOLE } from "../stats/horizon.ts";
import { readAll } from "../stats/read.ts";
import { rowsOf, type UsageScope } from "../stats/rows.ts";
import type { Period, Slot } from "../stats/tiles.ts";
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

/**
 * How many requests match, to 10,000. Where sums have more than that, and more than corrections could have changed, nobody needs to
 * look. Throws as `readAll`.
 */
export async function countRequests(
  database: Database,
  rootId: string,
  filter: RequestFilter,
  horizon: Horizon = WHOLE,
): Promise<Count> {
  if (choosesFew(filter) && fitsSums(filter) && horizon.eventsFrom === 0) {
    const period = { from: filter.from ?? 0, to: filter.to ?? Date.now() };
    const [rows] = await readAll(database, rootId, [leastStatement({ rootId, filter, period, horizon })]);
    if (Number(rows?.[0]?.least ?? 0) > MOST_COUNTED) return countOf(MOST_COUNTED + 1);
  }
  const [rows] = await readAll(database, rootId, [
    sql`select count(*)::int as found
      from (select from usage_events e where ${matching(rootId, filter)} order by e.event_id desc limit ${MOST_COUNTED + 1}::int) taken`,
  ]);
  return countOf(Number(rows?.[0]?.found ?? 0));
}

/** Whether many may have to be looked through that do not match. */
const choosesFew = ({ from: _from, to: _to, ...filter }: RequestFilter): boolean =>
  Object.values(filter).some((field) => field !== undefined);

const leastStatement = (scope: UsageScope): SQL => sql`
  select (select coalesce(sum(requests), 0) from (${rowsOf(scope, [], [{ ...scope.period, id: 0 }]).rows}) r)
    - (select count(*) from usage_events e where e.root_id = ${scope.rootId} and e.rev > 0) as least`;

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

/** Of a longer time requests are counted as they first ended, which sums tell. */
const MOST_LOOKED_THROUGH_MS = 26 * 3_600_000;

/** Whether sums know all that a filter chooses by. */
const fitsSums = ({
  minCostNano,
  maxCostNano,
  minDurationMs,
  maxDurationMs,
  search,
  ...filter
}: RequestFilter): boolean =>
  [minCostNano, maxCostNano, minDurationMs, maxDurationMs, search].every((bound) => bound === undefined) &&
  !needsOf(filter).events;

/**
 * Requests over time in bars of one width, empty ones too. The filter must have both bounds. In more than 26 hours they are told by
 * sums where those know the filter: as they first ended. Throws as `readAll`.
 */
export async function requestHistogram(
  database: Database,
  rootId: string,
  filter: RequestFilter & Period,
  bars: number,
  horizon: Horizon = WHOLE,
): Promise<HistogramBar[]> {
  const { from, to } = filter;
  const width = Math.max(1, Math.ceil((to - from) / bars));
  const slots = Array.from({ length: Math.ceil((to - from) / width) }, (_, id) => ({
    ...{ id, from: from + id * width, to: Math.min(to, from + (id + 1) * width) },
  }));
  const fromSums = to - from > MOST_LOOKED_THROUGH_MS && fitsSums(filter);
  const statement = fromSums
    ? summedBars({ rootId, filter, period: { from, to }, horizon }, slots)
    : sql`select ((extract(epoch from e.started_at) * 1000)::bigint - ${from}::bigint) / ${width}::bigint as bar,
        count(*)::int as requests, count(*) filter (where e.outcome not in ('ok', 'client_gone'))::int as errors
      from usage_events e where ${matching(rootId, filter)} group by 1`;
  const [rows = []] = (await readAll(database, rootId, [statement])) as unknown as [
    { bar: string; requests: number; errors: number }[],
  ];
  const found = new Map(
    rows.map(({ bar, requests, errors }) => [Number(bar), { requests: Number(requests), errors: Number(errors) }]),
  );
  return slots.map(({ id, ...bounds }) => ({ ...bounds, ...(found.get(id) ?? { requests: 0, errors: 0 }) }));
}

const summedBars = (scope: UsageScope, slots: readonly Slot[]): SQL =>
  sql`select slot as bar, sum(requests) as requests, sum(errors) as errors from (${rowsOf(scope, [], slots).rows}) r group by 1`;
