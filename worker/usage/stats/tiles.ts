import { GatewayError } from "../../errors.ts";
import type { Horizon } from "./horizon.ts";

/** Requests that started in [from, to), milliseconds since the epoch. */
export interface Period {
  from: number;
  to: number;
}

/** A stretch of time that an answer tells by itself; no two of a question overlap. */
export interface Slot extends Period {
  id: number;
}

/** What counts for a slot, or is taken away from it again: of sums, whole days or hours. */
export interface Tile extends Period {
  slot: number;
  sign: 1 | -1;
}

/** What a question reads. All tiles of a slot together, with their signs, are the slot. */
export interface Tiling {
  days: Tile[];
  hours: Tile[];
  quarters: Tile[];
  events: Tile[];
  /** Where events are gone a slot begins or ends with the nearest whole hour or day there are sums of. */
  rounded: boolean;
}

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
const DAY_MS = 24 * HOUR_MS;

/** What sums know of a question. */
export interface Known {
  /** Daily sums can tell the rows apart that are asked for. */
  days: boolean;
  /** Hourly ones can. */
  hours: boolean;
  /** From when on there are these; left out: since ever. */
  hoursFrom?: number;
  /** Sums of quarters of an hour can. */
  quarters: boolean;
  /** A part of a day or hour may be taken away from the whole. Not so of what is no sum, like a first moment. */
  subtract: boolean;
}

/**
 * Lays slots out in days and hours that are summed already and in stretches of events, so that least is read: of a day (UTC) of
 * which a slot has most, the day is taken and the rest taken away again. So days of any time zone are answered from sums of UTC days,
 * and all bounds are exact. Throws `invalid_value` where what is asked for is told by events alone, and they are gone.
 */
export function tile(slots: readonly Slot[], known: Known, horizon: Horizon, now = Date.now()): Tiling {
  const tiling: Tiling = { days: [], hours: [], quarters: [], events: [], rounded: false };
  const units = [
    ...(known.days ? [{ size: DAY_MS, since: horizon.summedFrom, tiles: tiling.days }] : []),
    ...(known.hours ? [{ size: HOUR_MS, since: known.hoursFrom ?? 0, tiles: tiling.hours }] : []),
    ...(known.quarters ? [{ size: QUARTER_MS, since: horizon.summedFrom, tiles: tiling.quarters }] : []),
  ];

  /** `within`: a sum there is goes beyond the part, or the other way round. */
  function lay(part: Tile, level: number, within: boolean): void {
    const unit = units[level];
    if (unit === undefined) {
      if (part.from >= horizon.eventsFrom) tiling.events.push(part);
      else if (within) tiling.rounded = true;
      else throw eventsGone(horizon);
      return;
    }
    const { size, since, tiles } = unit;
    for (let cell = Math.floor(part.from / size) * size; cell < part.to; cell += size) {
      const [from, to] = [Math.max(part.from, cell), Math.min(part.to, cell + size)];
      const rest = [
        { ...part, from: cell, to: from, sign: -part.sign as Tile["sign"] },
        { ...part, from: to, to: cell + size, sign: -part.sign as Tile["sign"] },
      ].filter((one) => one.from < one.to);
      // What is to come needs not be taken away: nothing of it has started yet.
      const left = rest.reduce((sum, one) => sum + Math.max(0, Math.min(one.to, now) - Math.min(one.from, now)), 0);
      const taken = left === 0 || (known.subtract && left < to - from);
      if (cell < since) lay({ ...part, from, to }, level + 1, within);
      else if (!taken) lay({ ...part, from, to }, level + 1, true);
      else {
        tiles.push({ ...part, from: cell, to: cell + size });
        if (known.subtract) for (const one of rest) lay(one, level + 1, true);
      }
    }
  }

  for (const { id, from, to } of slots) lay({ from, to, slot: id, sign: 1 }, 0, false);
  const { days, hours, quarters, events, rounded } = tiling;
  return { days: runs(days), hours: runs(hours), quarters: runs(quarters), events: runs(events), rounded };
}

const eventsGone = ({ eventsFrom }: Horizon): GatewayError => {
  const since = new Date(eventsFrom).toISOString();
  const message = `This is told by the requests themselves, which are kept since ${since}. Choose a later 'from', or groups and filters that daily sums know.`;
  return new GatewayError("invalid_value", message, { param: "from" });
};

/** Tiles that follow each other, as one. */
function runs(tiles: readonly Tile[]): Tile[] {
  const joined: Tile[] = [];
  for (const one of [...tiles].sort((a, b) => a.sign - b.sign || a.slot - b.slot || a.from - b.from)) {
    const last = joined.at(-1);
    if (last?.to === one.from && last.slot === one.slot && last.sign === one.sign) last.to = one.to;
    else joined.push({ ...one });
  }
  return joined;
}
