import { type SQL, sql } from "drizzle-orm";
import { firstPartitionDay, partitionDay } from "../partition-days.ts";
import { correctedTiles } from "./corrected.ts";
import type { Look } from "./dearest.ts";
import type { Dimension } from "./dimension.ts";
import { eventFigures } from "./figures.ts";
import { eventConditions, needsOf, type UsageFilter } from "./filter.ts";
import { type Horizon, WHOLE } from "./horizon.ts";
import { dayParts, hourParts, type Part, quarterPart, readingOf } from "./parts.ts";
import { instants, joinedRanges, joinedTiles, MOST_SCANS } from "./places.ts";
import { type Period, type Slot, type Tile, tile } from "./tiles.ts";

/** Whose usage is looked at. */
export interface UsageScope {
  rootId: string;
  filter: UsageFilter;
  period: Period;
  /** Left out: everything is there. */
  horizon?: Horizon;
  /** Only events are read, whatever is summed. */
  raw?: boolean;
  /** How far the dearest sessions are looked for; left out: as far as it is worth. */
  look?: Look;
}

/** `rollups`: hourly and daily sums, and events where slots begin and end within an hour or day. */
export type Source = "rollups" | "events";

/** A column that rows get beside their figures. */
export interface Column {
  name: string;
  dimension: Dimension;
}

export interface Rows {
  /** A select: `slot`, the columns asked for, and figures (`FIGURES`). */
  rows: SQL;
  /** Its halves, those of sums and those of events; null: there are none. */
  sums: SQL | null;
  events: SQL | null;
  source: Source;
  /** Slots begin and end with whole hours or days, where events are gone. */
  rounded: boolean;
  /** Hours are read from sums as well. */
  hourly: boolean;
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
  and e.started_at >= ${new Date(from).toISOString()}::timestamptz and e.started_at < ${new Date(to).toISOString()}::timestamptz`;

/** Which slot a row of `usage_events e` is of; null: none. Slots in the order of time. */
export function slotOfEvent(slots: readonly Slot[]): SQL {
  if (slots.length === 1) return sql`${slots[0]?.id}::int`;
  const bounds = slots.flatMap(({ from, to, id }, index) => [
    { at: from, id: id as number | null },
    ...(slots[index + 1]?.from === to ? [] : [{ at: to, id: null }]),
  ]);
  const ids = `{${bounds.map(({ id }) => id ?? "NULL").join(",")}}`;
  return sql`(${ids}::int[])[width_bucket(e.started_at, ${instants(bounds.map(({ at }) => at))})]`;
}

/** All rows of the slots from events, read at once. */
function fromEvents(scope: UsageScope, columns: readonly Column[], slots: readonly Slot[], only: SQL): SQL {
  const period = { from: slots[0]?.from ?? 0, to: slots.at(-1)?.to ?? 0 };
  const rows = sql`select ${slotOfEvent(slots)} as slot, ${columnsOf(columns, ({ events }) => events)}${eventFigures(1)}
    from usage_events e ${joinsOf(columns)} where ${eventsOf({ ...scope, period })}${only}`;
  return slots.length === 1 ? rows : sql`select * from (${rows}) r where slot is not null`;
}

/** The part of tiles that a table is read for. */
const within = (tiles: readonly Tile[], { from = 0, to = Number.POSITIVE_INFINITY }: Part): Tile[] =>
  tiles
    .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }))
    .filter((one) => one.from < one.to);

/** Selects of the tiles of one table, those to be taken away with negated figures. */
const fromTiles = (part: Part, columns: readonly Column[], tiles: readonly Tile[]): SQL[] =>
  ([1, -1] as const).flatMap((sign) =>
    joinedTiles(
      part.place,
      part.condition,
      within(tiles, part).filter((one) => one.sign === sign),
    ).map(
      ({ slot, from, where }) => sql`
        select ${slot} as slot, ${columnsOf(columns, part.of)}${part.figures(sign)}
        from ${from} ${joinsOf(columns)} where ${where}`,
    ),
  );

/** The same of many stretches of events, those that count for one slot and not for another read once. */
function fromRanges(part: Part, columns: readonly Column[], tiles: readonly Tile[]): SQL {
  const { slot, sign, from } = joinedRanges(part.condition, tiles);
  return sql`select ${slot} as slot, ${columnsOf(columns, part.of)}${eventFigures(sign)} from ${from} ${joinsOf(columns)}`;
}

/**
 * What requests that were corrected make of sums of first rows: those that are chosen by all of their rows but not by the first are
 * added, others taken away.
 */
function fromCorrections(scope: UsageScope, columns: readonly Column[], tiles: readonly Tile[]): SQL {
  const { from, sign } = correctedTiles(scope, tiles);
  return sql`select t.slot, ${columnsOf(columns, ({ events }) => events)}${eventFigures(sign)} from ${from} ${joinsOf(columns)}`;
}

export interface RowOptions {
  /** Parts may be read that go beyond the slots, and be taken away again. */
  subtract?: boolean;
  /**
   * Of which rows, where a label is asked for. `labelled`: those without a value of it may be left out; `each`: all, and none needs to
   * tell its value. Left out: all with their values.
   */
  of?: "labelled" | "each";
  /** Sums need not tell which value of the label that is asked for a row has. */
  untold?: boolean;
  /** Only rows with one of these values (an array) of the label that is asked for. */
  values?: SQL;
  /** The same of events at the edges of sums; left out: `values`. */
  edgeValues?: SQL;
}

const union = (selects: readonly SQL[]): SQL | null =>
  selects.length === 0 ? null : sql.join([...selects], sql` union all `);

/**
 * The rows of a scope's slots, from what is read soonest. Whoever sums them gets the sum of events, whatever the source. Slots in
 * the order of time. Throws `invalid_value` where events are
 * needed and gone.
 */
export function rowsOf(
  scope: UsageScope,
  columns: readonly Column[],
  slots: readonly Slot[],
  { subtract = true, of, untold = false, values, edgeValues = values }: RowOptions = {},
): Rows {
  const needs = needsOf(scope.filter);
  const reading = readingOf(needs, columns, untold);
  const horizon = scope.horizon ?? WHOLE;
  // Hours of what only events and days know are there as long as the events.
  const hoursFrom = reading.hours === "usage_rollups" ? 0 : Math.max(horizon.modelsFrom, horizon.eventsFrom);
  const hourly = reading.hours !== null && !scope.raw;
  const { days, quarters } = scope.raw ? { days: false, quarters: false } : reading;
  // Sums by label say as much of single people as events do, and go with them.
  const summedFrom = reading.label === null ? horizon.summedFrom : Math.max(horizon.summedFrom, horizon.eventsFrom);
  const tiling = tile(slots, { days, hours: hourly, hoursFrom, quarters, subtract }, { ...horizon, summedFrom });
  const { rounded } = tiling;
  const label = columns.find(({ dimension }) => dimension.label !== undefined)?.dimension;
  const only = (value: SQL | undefined, array = values): SQL =>
    array && value ? sql` and ${value} = any(${array})` : sql``;
  if (tiling.days.length + tiling.hours.length + tiling.quarters.length === 0) {
    const rows = fromEvents(scope, columns, slots, only(label?.events));
    return { rows, sums: null, events: rows, source: "events", rounded, hourly };
  }
  const eventPart: Part = {
    place: "usage_events",
    condition: sql`${eventConditions(scope.rootId, scope.filter)}${only(label?.events, edgeValues)}`,
    of: (dimension) => dimension.events,
    figures: eventFigures,
  };
  const ofValues = (part: Part): Part => ({
    ...part,
    condition: sql`${part.condition}${only(reading.label ? sql`e.value` : undefined)}`,
  });
  const sums = union([
    ...dayParts(scope, reading, of).flatMap((part) => fromTiles(ofValues(part), columns, tiling.days)),
    ...hourParts(scope, reading, of).flatMap((part) => fromTiles(ofValues(part), columns, tiling.hours)),
    ...fromTiles(quarterPart(scope), columns, tiling.quarters),
    ...(reading.hours === "usage_hour_requests" && tiling.hours.length > 0
      ? [fromCorrections(scope, columns, tiling.hours)]
      : []),
  ]);
  const events = union(
    tiling.events.length > MOST_SCANS
      ? [fromRanges(eventPart, columns, tiling.events)]
      : fromTiles(eventPart, columns, tiling.events),
  );
  const rows = union([sums, events].flatMap((half) => half ?? [])) as SQL;
  return { rows, sums, events, source: "rollups", rounded, hourly };
}

/** A select of `day`, `key_id` and `requests` from the daily sums that know a filter, of any time; there must be some. */
export function dayCells(rootId: string, filter: UsageFilter): SQL {
  const reading = { ...readingOf(needsOf(filter), [], false), models: false };
  const [part] = dayParts({ rootId, filter, period: { from: 0, to: 0 } }, reading);
  return sql`select day, key_id, requests from ${sql.identifier(part?.place ?? "usage_day_totals")} e where ${part?.condition}`;
}
