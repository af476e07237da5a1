import { type SQL, sql } from "drizzle-orm";
import { firstPartitionDay, partitionDay } from "../partition-days.ts";
import type { Dimension } from "./dimension.ts";
import { eventFigures, type Sign, sumFigures } from "./figures.ts";
import {
  dayConditions,
  eventConditions,
  type FilterNeeds,
  labelCondition,
  needsOf,
  rollupConditions,
  type UsageFilter,
} from "./filter.ts";
import { type Horizon, WHOLE } from "./horizon.ts";
import { instants, joinedRanges, joinedTiles, MOST_SCANS, type Place } from "./places.ts";
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
  source: Source;
  /** Slots begin and end with whole hours or days, where events are gone. */
  rounded: boolean;
}

/** How the columns' rows are found in daily sums. */
interface Reading {
  days: boolean;
  hours: boolean;
  quarters: boolean;
  /** The label whose sums are read; null: `usage_days` are. */
  label: string | null;
}

function readingOf(needs: FilterNeeds, columns: readonly Column[]): Reading {
  const labels = new Set(columns.flatMap(({ dimension }) => dimension.label ?? []));
  if (needs.label !== null) labels.add(needs.label.label);
  const ofDays = columns.filter(({ dimension }) => dimension.hours === null && dimension.label === undefined);
  // Labels are summed one by one, and by what hourly sums know.
  const days = !needs.events && labels.size < 2 && (labels.size === 0 || (!needs.days && ofDays.length === 0));
  const hours = days && labels.size === 0 && !needs.days && columns.every(({ dimension }) => dimension.hours !== null);
  const quarters = hours && !needs.hours && columns.every(({ dimension }) => dimension.quarters);
  return { days, hours, quarters, label: [...labels][0] ?? null };
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
function fromEvents(scope: UsageScope, columns: readonly Column[], slots: readonly Slot[]): SQL {
  const period = { from: slots[0]?.from ?? 0, to: slots.at(-1)?.to ?? 0 };
  const rows = sql`select ${slotOfEvent(slots)} as slot, ${columnsOf(columns, ({ events }) => events)}${eventFigures(1)}
    from usage_events e ${joinsOf(columns)} where ${eventsOf({ ...scope, period })}`;
  return slots.length === 1 ? rows : sql`select * from (${rows}) r where slot is not null`;
}

interface Part {
  place: Place;
  /** A row's condition, but for the time. */
  condition: SQL;
  of: (dimension: Dimension) => SQL | null;
  figures: (sign: Sign) => SQL;
}

/** Selects of the tiles of one table, those to be taken away with negated figures. */
const fromTiles = (part: Part, columns: readonly Column[], tiles: readonly Tile[]): SQL[] =>
  ([1, -1] as const).flatMap((sign) =>
    joinedTiles(
      part.place,
      part.condition,
      tiles.filter((one) => one.sign === sign),
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

/** What whole days are read from. */
function dayParts({ rootId, filter }: UsageScope, needs: FilterNeeds, reading: Reading): Part[] {
  const { label, hours } = reading;
  const common = rollupConditions(rootId, filter);
  const ofTotals = ({ hours: known }: Dimension) => known ?? sql`null::text`;
  const totals: Part = { place: "usage_day_totals", condition: common, of: ofTotals, figures: sumFigures };
  if (hours) return [totals];
  if (label === null) {
    const condition = dayConditions(rootId, filter);
    return [{ place: "usage_days", condition, of: ({ days }) => days, figures: sumFigures }];
  }
  const labels: Part = {
    place: "usage_day_labels",
    condition: sql`${common} and ${labelCondition(label, needs.label?.values ?? null)}`,
    of: (dimension) => dimension.labels ?? dimension.hours,
    figures: sumFigures,
  };
  if (needs.label !== null) return [labels];
  // What has no value is everything less what has one.
  return [labels, { ...labels, of: ofTotals, figures: (sign) => sumFigures(sign === 1 ? -1 : 1) }, totals];
}

export interface RowOptions {
  /** Parts may be read that go beyond the slots, and be taken away again. */
  subtract?: boolean;
  /**
   * Of which rows, where a label is asked for. `labelled`: those without a value of it may be left out; `each`: all, and none needs to
   * tell its value. Left out: all with their values.
   */
  of?: "labelled" | "each";
  /** Only rows with one of these values (an array) of the label that is asked for. */
  values?: SQL;
}

/**
 * The rows of a scope's slots, from what is read soonest. Whoever sums them gets the sum of events, whatever the source. Slots in
 * the order of time. Throws `invalid_value` where events are
 * needed and gone.
 */
export function rowsOf(
  scope: UsageScope,
  columns: readonly Column[],
  slots: readonly Slot[],
  { subtract = true, of, values }: RowOptions = {},
): Rows {
  const needs = needsOf(scope.filter);
  const reading = readingOf(needs, columns);
  const known = scope.raw ? { days: false, hours: false, quarters: false, subtract } : { ...reading, subtract };
  const horizon = scope.horizon ?? WHOLE;
  // Sums by label say as much of single people as events do, and go with them.
  const summedFrom = reading.label === null ? horizon.summedFrom : Math.max(horizon.summedFrom, horizon.eventsFrom);
  const tiling = tile(slots, known, { ...horizon, summedFrom });
  if (tiling.days.length + tiling.hours.length + tiling.quarters.length === 0) {
    return { rows: fromEvents(scope, columns, slots), source: "events", rounded: tiling.rounded };
  }
  const hours: Part = {
    place: "usage_rollups",
    condition: rollupConditions(scope.rootId, scope.filter),
    of: (dimension) => dimension.hours,
    figures: sumFigures,
  };
  const label = columns.find(({ dimension }) => dimension.label !== undefined)?.dimension;
  const only = (value: SQL | undefined): SQL => (values && value ? sql` and ${value} = any(${values})` : sql``);
  const events: Part = {
    place: "usage_events",
    condition: sql`${eventConditions(scope.rootId, scope.filter)}${only(label?.events)}`,
    of: (dimension) => dimension.events,
    figures: eventFigures,
  };
  const selects = [
    ...dayParts(scope, needs, reading)
      .slice(of === "each" ? -1 : 0, of === "labelled" ? 1 : undefined)
      .map((part) => ({ ...part, condition: sql`${part.condition}${only(reading.label ? sql`e.value` : undefined)}` }))
      .flatMap((part) => fromTiles(part, columns, tiling.days)),
    ...fromTiles(hours, columns, tiling.hours),
    ...fromTiles({ ...hours, place: "usage_quarters" }, columns, tiling.quarters),
    ...(tiling.events.length > MOST_SCANS
      ? [fromRanges(events, columns, tiling.events)]
      : fromTiles(events, columns, tiling.events)),
  ];
  return { rows: sql.join(selects, sql` union all `), source: "rollups", rounded: tiling.rounded };
}

/** A select of `day`, `key_id` and `requests` from the daily sums that know a filter, of any time; there must be some. */
export function dayCells(rootId: string, filter: UsageFilter): SQL {
  const needs = needsOf(filter);
  const [part] = dayParts({ rootId, filter, period: { from: 0, to: 0 } }, needs, readingOf(needs, []));
  return sql`select day, key_id, requests from ${sql.identifier(part?.place ?? "usage_day_totals")} e where ${part?.condition}`;
}
