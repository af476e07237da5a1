import { type SQL, sql } from "drizzle-orm";
import { firstPartitionDay, partitionDay } from "../partition-days.ts";
import type { Period, Tile } from "./tiles.ts";

/** A table of sums, or the events. */
export type Place =
  | "usage_day_models"
  | "usage_day_totals"
  | "usage_days"
  | "usage_day_labels"
  | "usage_hour_organizations"
  | "usage_hour_requests"
  | "usage_hour_labels"
  | "usage_hours"
  | "usage_rollups"
  | "usage_quarters"
  | "usage_events";

/** A part of a select from a table named `e` that reads some tiles. */
interface TileRead {
  slot: SQL;
  from: SQL;
  where: SQL;
}

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
const DAY_MS = 24 * HOUR_MS;

/** More stretches of time are joined: for each of a few Postgres plans a scan of its own. */
export const MOST_SCANS = 4;

const instant = (at: number): SQL => sql`${new Date(at).toISOString()}::timestamptz`;
export const list = (values: readonly (number | string)[]): string => `{${values.join(",")}}`;
export const instants = (times: readonly number[]): SQL =>
  sql`${list(times.map((at) => new Date(at).toISOString()))}::timestamptz[]`;
const days = (times: readonly number[]): SQL => sql`${list(times.map(partitionDay))}::date[]`;

const isOfDays = (place: Place): boolean => place.startsWith("usage_day");
const isOfHours = (place: Place): boolean => place === "usage_rollups" || place.startsWith("usage_hour");

/** The condition that a row is of a stretch of time, of sums in whole days or hours. */
function within(place: Place, { from, to }: Period): SQL {
  if (isOfDays(place)) return sql`e.day >= ${partitionDay(from)}::date and e.day < ${partitionDay(to)}::date`;
  if (isOfHours(place)) return sql`e.hour >= ${instant(from)} and e.hour < ${instant(to)}`;
  if (place === "usage_quarters") return sql`e.quarter >= ${instant(from)} and e.quarter < ${instant(to)}`;
  return sql`e.started_at >= ${instant(from)} and e.started_at < ${instant(to)}
    and e.day between ${firstPartitionDay(from)}::date and ${partitionDay(to)}::date`;
}

/**
 * How the rows of some tiles are read: by a scan each, or where they are many by a join with all of them. `condition` is what all
 * rows of the table must meet.
 */
export function joinedTiles(place: Place, condition: SQL, tiles: readonly Tile[]): TileRead[] {
  if (tiles.length === 0) return [];
  const table = sql.identifier(place);
  if (tiles.length <= MOST_SCANS) {
    return tiles.map((one) => ({
      ...{ slot: sql`${one.slot}::int`, from: sql`${table} e` },
      where: sql`${condition} and ${within(place, one)}`,
    }));
  }
  const whole = { from: Math.min(...tiles.map(({ from }) => from)), to: Math.max(...tiles.map(({ to }) => to)) };
  const joined = joinedUnits(place, tiles);
  return [
    {
      ...{ slot: sql`t.slot`, from: sql`${joined.tiles} join ${table} e on ${joined.on}` },
      where: sql`${condition} and ${within(place, whole)}`,
    },
  ];
}

/** Whole days, hours or quarters, each with its slot. */
function joinedUnits(place: Place, tiles: readonly Tile[]): { tiles: SQL; on: SQL } {
  const size = isOfDays(place) ? DAY_MS : isOfHours(place) ? HOUR_MS : QUARTER_MS;
  const units = tiles.flatMap(({ from, to, slot }) =>
    Array.from({ length: (to - from) / size }, (_, index) => ({ at: from + index * size, slot })),
  );
  const at = units.map((unit) => unit.at);
  const slots = sql`${list(units.map(({ slot }) => slot))}::int[]`;
  if (isOfDays(place)) return { tiles: sql`unnest(${days(at)}, ${slots}) t(day, slot)`, on: sql`e.day = t.day` };
  const column = sql.identifier(isOfHours(place) ? "hour" : "quarter");
  return { tiles: sql`unnest(${instants(at)}, ${slots}) t(at, slot)`, on: sql`e.${column} = t.at` };
}

/**
 * Stretches of events, each found by itself: no join of ranges is planned as one scan of all for each. A stretch that counts for one
 * slot and is taken away from another is read once: `sign` says which.
 */
export function joinedRanges(condition: SQL, tiles: readonly Tile[]): { from: SQL; sign: SQL; slot: SQL } {
  const ranges = [...Map.groupBy(tiles, ({ from, to }) => `${from} ${to}`).values()];
  const firsts = ranges.map(([first]) => first as Tile);
  const [froms, tos] = [firsts.map(({ from }) => from), firsts.map(({ to }) => to)];
  const given = tiles.map(({ from, to, slot, sign }) => ({
    at: ranges.findIndex(([first]) => first?.from === from && first.to === to),
    ...{ slot, sign },
  }));
  return {
    slot: sql`g.slot`,
    sign: sql`g.sign`,
    from: sql`unnest(${instants(froms)}, ${instants(tos)}, ${list(froms.map(firstPartitionDay))}::date[], ${days(tos)})
        with ordinality t("from", "to", "first", "last", at)
      cross join lateral (
        select * from usage_events e where ${condition} and e.started_at >= t."from" and e.started_at < t."to"
          and e.day >= t."first" and e.day <= t."last" offset 0
      ) e
      join jsonb_to_recordset(${JSON.stringify(given)}::jsonb) g(at integer, slot integer, sign integer) on g.at = t.at - 1`,
  };
}
