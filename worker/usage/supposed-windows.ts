import { clockAt } from "../lib/time-zone.ts";
import { windowBounds } from "./windows.ts";

export const SUPPOSED_WINDOWS = ["day", "week", "month"] as const;
export type SupposedWindow = (typeof SUPPOSED_WINDOWS)[number];

/** A stretch of time that is of one window, and no longer than an hour. */
export interface Piece {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  /** When its window began. */
  window: number;
  /** An hour (UTC) of which there is a sum; else a part of one. */
  whole: boolean;
  /** It is of the month that is asked for; a week may begin before it. */
  counted: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The window of a kind that a moment is in, by a zone's clocks. */
function windowAt(kind: SupposedWindow, at: number, timeZone: string): { from: number; until: number } {
  const date = clockAt(timeZone, at);
  const first = kind === "week" ? date - ((new Date(date).getUTCDay() + 6) % 7) * DAY_MS : date;
  const name = new Date(first).toISOString().slice(0, kind === "month" ? 7 : 10);
  const bounds = windowBounds(`${kind}/${name}`, timeZone);
  if (bounds === null) throw new Error(`no window is called ${kind}/${name}`);
  return bounds;
}

/** The calendar month of a name, `2026-11`, or the last one that is over, by a zone's clocks. */
export function monthOf(name: string | undefined, now: number, timeZone: string): { from: number; until: number } {
  const named = name === undefined ? null : windowBounds(`month/${name}`, timeZone);
  return named ?? windowAt("month", windowAt("month", now, timeZone).from - 1, timeZone);
}

/**
 * The time of all windows of a kind that begin or end in a month, up to its end, in pieces: whole hours as far as no window begins
 * within one, as they do in zones that are not whole hours from UTC.
 */
export function piecesOf(kind: SupposedWindow, month: { from: number; until: number }, timeZone: string): Piece[] {
  const pieces: Piece[] = [];
  let window = windowAt(kind, month.from, timeZone);
  for (let from = window.from; from < month.until; ) {
    if (from >= window.until) window = windowAt(kind, from, timeZone);
    const hour = Math.floor(from / HOUR_MS) * HOUR_MS;
    // The month itself begins within a week.
    const edges = [hour + HOUR_MS, window.until, month.until, ...(from < month.from ? [month.from] : [])];
    const to = Math.min(...edges);
    const whole = from === hour && to === hour + HOUR_MS;
    pieces.push({ from, to, window: window.from, whole, counted: from >= month.from });
    from = to;
  }
  return pieces;
}
