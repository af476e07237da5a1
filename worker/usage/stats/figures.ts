import { type SQL, sql } from "drizzle-orm";
import { FIGURES } from "../hourly-sums.ts";

type FigureName = (typeof FIGURES)[number];

/** Sums in exact decimal digits, as Postgres tells them: they may be beyond 2^53. */
export type Figures = Record<FigureName, string>;

export const NOTHING = Object.fromEntries(FIGURES.map((name) => [name, "0"])) as Figures;

const listOf = (each: (name: SQL, figure: FigureName) => SQL): SQL =>
  sql.join(
    FIGURES.map((name) => each(sql`${sql.identifier(name)}`, name)),
    sql`, `,
  );

/** A row of `usage_rollups e` in figures. */
export const rollupFigures = listOf((name) => sql`e.${name}`);

const OF_REQUESTS: Partial<Record<FigureName, SQL>> = {
  requests: sql`1`,
  duration_ms: sql`e.duration_ms`,
  errors: sql`(e.outcome not in ('ok', 'client_gone'))::int`,
  estimated: sql`(not e.exact)::int`,
};

/** A row of `usage_events e` in figures: what `hourlySums` sums up. A correction is no request. */
export const eventFigures = listOf((name, figure) => {
  const ofRequests = OF_REQUESTS[figure];
  if (ofRequests !== undefined) return sql`case when e.rev = 0 then ${ofRequests} else 0 end as ${name}`;
  return sql`coalesce(e.${name}, 0) as ${name}`;
});

/** Sums of figures, to be summed on. */
export const addedFigures = listOf((name) => sql`sum(${name}) as ${name}`);

/** Sums of figures, as digits. */
export const summedFigures = listOf((name) => sql`coalesce(sum(${name}), 0)::text as ${name}`);

/** What groups are ranked by; each over rows of figures. */
export const MEASURES = {
  cost: sql`sum(cost_nano)`,
  requests: sql`sum(requests)`,
  tokens: sql`sum(input_uncached + cache_read + cache_write + output)`,
  errors: sql`sum(errors)`,
} satisfies Record<string, SQL>;

export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as [MeasureName, ...MeasureName[]];

/** Figures of a row that has more columns beside them. */
export const pickFigures = (row: Figures): Figures =>
  Object.fromEntries(FIGURES.map((name) => [name, row[name]])) as Figures;
