import { type SQL, sql } from "drizzle-orm";
import { type ComparedScope, turnsOf } from "./compared.ts";
import { type Column, eventsOf, rowsOf, sourceOf, type UsageScope } from "./rows.ts";

/** More requests than these are not all sorted: one in 32 of them is, by chance. */
const MOST_SORTED = 50_000;

/** Milliseconds that a half, 95 and 99 of 100 requests do not exceed; nearest rank, hence a request's own. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Latency {
  duration: Percentiles;
  /** Until the provider's first byte; of requests that have one. */
  ttft: Percentiles;
  /** How many requests were sorted. */
  requests: number;
  /** They are one in 32, by chance. */
  sampled: boolean;
}

/** A row of `latencyStatement`, beside the columns asked for. */
export interface LatencyRow {
  turn: number;
  requests: number;
  sampled: boolean;
  duration: (number | null)[] | null;
  ttft: (number | null)[] | null;
}

const percentiles = (list: (number | null)[] | null): Percentiles => {
  const [p50 = null, p95 = null, p99 = null] = list ?? [];
  return { p50, p95, p99 };
};

export const latencyOf = (row: LatencyRow | undefined): Latency => ({
  duration: percentiles(row?.duration ?? null),
  ttft: percentiles(row?.ttft ?? null),
  requests: Number(row?.requests ?? 0),
  sampled: row?.sampled ?? false,
});

const columnsOf = (columns: readonly Column[]): SQL =>
  sql.join(
    columns.map(({ name, dimension }) => sql`${dimension.events} as ${sql.identifier(name)}, `),
    sql``,
  );

/** The scope's requests: all of them, or the sample there is an index for. Only one of the two is read. */
function taken(scope: UsageScope, columns: readonly Column[], turn: number): SQL {
  const joins = sql.join(
    columns.flatMap(({ dimension }) => dimension.join ?? []),
    sql` `,
  );
  const requests = sql`select ${turn}::int as turn, ${columnsOf(columns)}duration_ms, ttft_ms
    from usage_events e ${joins} where ${eventsOf(scope)} and e.rev = 0`;
  const many = sql`(select n from counted where turn = ${turn}::int) > ${MOST_SORTED}::int`;
  return sql`${requests} and not ${many} union all ${requests} and right(e.event_id, 1) = '0' and ${many}`;
}

/**
 * Percentiles of the scope's requests by `columns`, as they first ended: a correction is no request. A statement whose rows
 * are `LatencyRow`s.
 */
export function latencyStatement(scope: ComparedScope, columns: readonly Column[] = []): SQL {
  const turns = turnsOf(scope);
  const names = sql.join(
    ["turn", ...columns.map(({ name }) => name)].map((name) => sql.identifier(name)),
    sql`, `,
  );
  const counted = turns.map(
    (one, turn) => sql`select ${turn}::int as turn, coalesce(sum(requests), 0) as n
      from (${rowsOf(one, [], sourceOf(one, []))}) r`,
  );
  return sql`
    with counted as materialized (${sql.join(counted, sql` union all `)}),
    taken as (${sql.join(
      turns.map((one, turn) => taken(one, columns, turn)),
      sql` union all `,
    )})
    select ${names}, count(*)::int as requests,
      (select n from counted where counted.turn = taken.turn) > ${MOST_SORTED}::int as sampled,
      to_jsonb(percentile_disc(array[0.5, 0.95, 0.99]) within group (order by duration_ms)) as duration,
      to_jsonb(percentile_disc(array[0.5, 0.95, 0.99]) within group (order by ttft_ms)) as ttft
    from taken group by ${names}`;
}
