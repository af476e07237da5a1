import { type SQL, sql } from "drizzle-orm";
import { firstPartitionDay, partitionDay } from "../partition-days.ts";
import type { Dimension } from "./dimension.ts";
import { eventFigures, rollupFigures } from "./figures.ts";
import { eventConditions, fitsRollups, rollupConditions, type UsageFilter } from "./filter.ts";

/** Requests that started in [from, to), milliseconds since the epoch. */
export interface Period {
  from: number;
  to: number;
}

/** Whose usage is looked at. */
export interface UsageScope {
  rootId: string;
  filter: UsageFilter;
  period: Period;
}

/** `rollups`: hourly sums, and events where the period begins and ends within an hour. */
export type Source = "rollups" | "events";

/** A column that rows get beside their figures. */
export interface Column {
  name: string;
  dimension: Dimension;
}

const HOUR_MS = 3_600_000;
const instant = (at: number): SQL => sql`${new Date(at).toISOString()}::timestamptz`;

/** The whole hours of a period. */
const wholeHours = ({ from, to }: Period): Period => ({
  from: Math.ceil(from / HOUR_MS) * HOUR_MS,
  to: Math.floor(to / HOUR_MS) * HOUR_MS,
});

/** Whether hourly sums can answer: they know what is asked for, and the period has a whole hour. */
export function sourceOf({ filter, period }: UsageScope, columns: readonly Column[]): Source {
  const hours = wholeHours(period);
  const known = fitsRollups(filter) && columns.every(({ dimension }) => dimension.rollups !== null);
  return known && hours.from < hours.to ? "rollups" : "events";
}

const joinsOf = (columns: readonly Column[]): SQL =>
  sql.join([...new Set(columns.flatMap(({ dimension }) => dimension.join ?? []))], sql` `);

const columnsOf = (columns: readonly Column[], of: (dimension: Dimension) => SQL | null): SQL =>
  sql.join(
    columns.map(({ name, dimension }) => sql`${of(dimension)} as ${sql.identifier(name)}, `),
    sql``,
  );

/** The condition that a row of `usage_events e` is of the scope. Days name the partitions to be read. */
export const eventsOf = ({ rootId, filter, period: { from, to } }: UsageScope): SQL => sql`
  ${eventConditions(rootId, filter)}
  and e.day between ${firstPartitionDay(from)}::date and ${partitionDay(to)}::date
  and e.started_at >= ${instant(from)} and e.started_at < ${instant(to)}`;

const fromEvents = (scope: UsageScope, columns: readonly Column[]): SQL => sql`
  select ${columnsOf(columns, ({ events }) => events)}${eventFigures}
  from usage_events e ${joinsOf(columns)} where ${eventsOf(scope)}`;

const fromRollups = ({ rootId, filter, period: { from, to } }: UsageScope, columns: readonly Column[]): SQL => sql`
  select ${columnsOf(columns, ({ rollups }) => rollups)}${rollupFigures}
  from usage_rollups e ${joinsOf(columns)}
  where ${rollupConditions(rootId, filter)} and e.hour >= ${instant(from)} and e.hour < ${instant(to)}`;

/**
 * A select of the scope's rows: the columns asked for, and figures (`FIGURES`). Whoever sums them gets the sum of events,
 * whatever the source. `source` must be what `sourceOf` says, or `events`.
 */
export function rowsOf(scope: UsageScope, columns: readonly Column[], source: Source): SQL {
  const { period } = scope;
  if (source === "events") return fromEvents(scope, columns);
  const hours = wholeHours(period);
  const edges = [
    { from: period.from, to: hours.from },
    { from: hours.to, to: period.to },
  ].filter(({ from, to }) => from < to);
  return sql.join(
    [
      fromRollups({ ...scope, period: hours }, columns),
      ...edges.map((edge) => fromEvents({ ...scope, period: edge }, columns)),
    ],
    sql` union all `,
  );
}
