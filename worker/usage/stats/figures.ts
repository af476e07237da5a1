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

/** What is counted, or taken away again. */
export type Sign = 1 | -1;

/** A row `e` of sums in figures. */
const added = listOf((name) => sql`e.${name}`);
const takenAway = listOf((name) => sql`-e.${name} as ${name}`);
export const sumFigures = (sign: Sign): SQL => (sign === 1 ? added : takenAway);

const OF_REQUESTS: Partial<Record<FigureName, SQL>> = {
  requests: sql`1`,
  duration_ms: sql`e.duration_ms`,
  errors: sql`(e.outcome not in ('ok', 'client_gone'))::int`,
  estimated: sql`(not e.exact)::int`,
};

/** A row of `usage_events e` in figures: what `hourlySums` sums up. A correction is no request. */
export const eventFigures = (sign: Sign | SQL): SQL =>
  listOf((name, figure) => {
    const [ofRequests, minus] = [OF_REQUESTS[figure], sign === 1 ? sql`` : sign === -1 ? sql`-` : sql`${sign} * `];
    if (ofRequests !== undefined) return sql`${minus}case when e.rev = 0 then ${ofRequests} else 0 end as ${name}`;
    return sql`${minus}coalesce(e.${name}, 0) as ${name}`;
  });

/** Sums of figures, to be summed on. */
export const addedFigures = listOf((name) => sql`sum(${name}) as ${name}`);

/** The same of few rows, as the whole numbers that sums are kept in: Postgres sums those on faster than its long ones. */
export const wholeFigures = listOf((name) => sql`sum(${name})::bigint as ${name}`);

/** Figures of a row, and what takes them away from a sum again. */
export const theFigures = listOf((name) => name);
export const minusFigures = listOf((name) => sql`-${name}`);

/** Whether a sum of figures is of anything: what was added and taken away again is not. */
export const anyFigure: SQL = sql.join(
  FIGURES.map((name) => sql`sum(${sql.identifier(name)}) <> 0`),
  sql` or `,
);

/** The same by fewer sums: of corrections of requests that are elsewhere, no two figures cancel each other out. */
export const anyUse: SQL = sql`sum(requests) <> 0 or sum(cost_nano) <> 0 or sum(list_cost_nano) <> 0
  or sum(input_uncached + 3 * cache_read + 7 * cache_write + 11 * output + 13 * reasoning) <> 0`;

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
