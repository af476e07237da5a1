/** Calendar windows in a time zone: which one a moment lies in, when it began and when the next does. */

export const CALENDAR_WINDOWS = ["day", "week", "month"] as const;
export type CalendarWindow = (typeof CALENDAR_WINDOWS)[number];

/** A window of the calendar. */
export interface Calendar {
  /** `day/2026-11-26`, `week/2026-11-23` (its Monday), `month/2026-11`. */
  key: string;
  /** Milliseconds since the epoch; the end is the next window's start. */
  from: number;
  until: number;
}

interface LocalDate {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  const format = new Intl.DateTimeFormat("en-CA", { ...options, second: "2-digit", hourCycle: "h23", timeZone });
  formats.set(timeZone, format);
  return format;
}

/** How far the zone's clocks are ahead of UTC at a moment, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/**
 * The first moment of a local day. Where clocks go forward at midnight that is the moment they do; where they go back over
 * it, the earlier of the two midnights.
 */
function startOf({ year, month, day }: LocalDate, timeZone: string): number {
  const local = Date.UTC(year, month - 1, day);
  // An offset lies within 26 hours of any other; a day before and a day after see both sides of a change.
  const candidates = [local - offsetAt(local - DAY, timeZone), local - offsetAt(local + DAY, timeZone)];
  const exact = candidates.filter((at) => at + offsetAt(at, timeZone) === local);
  if (exact.length > 0) return Math.min(...exact);
  // Midnight does not exist: the day begins where the offsets change, between the two candidates.
  let [low, high] = [Math.min(...candidates), Math.max(...candidates)];
  const before = offsetAt(low, timeZone);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(middle, timeZone) === before) low = middle;
    else high = middle;
  }
  return high;
}

const dateOf = (local: number): LocalDate => {
  const date = new Date(local);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};

/** The first local day of a window and of the next one, as UTC midnights of those dates. */
function span(window: CalendarWindow, { year, month, day }: LocalDate): [first: number, next: number] {
  const today = Date.UTC(year, month - 1, day);
  switch (window) {
    case "day":
      return [today, today + DAY];
    case "week": {
      const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
      return [monday, monday + 7 * DAY];
    }
    case "month":
      return [Date.UTC(year, month - 1, 1), Date.UTC(year, month, 1)];
  }
}

function calendar(window: CalendarWindow, today: LocalDate, timeZone: string): Calendar {
  const [first, next] = span(window, today);
  const name = new Date(first).toISOString().slice(0, window === "month" ? 7 : 10);
  return { key: `${window}/${name}`, from: startOf(dateOf(first), timeZone), until: startOf(dateOf(next), timeZone) };
}

/** The windows of one zone around one moment; they hold until the day ends. */
export interface Day {
  from: number;
  until: number;
  windows: Readonly<Record<CalendarWindow, Calendar>>;
}

const days = new Map<string, Day[]>();
/** Yesterday's requests still end today. */
const KEPT_DAYS = 4;

/** The day a moment lies in, with its week and month. `timeZone` is an IANA name. */
export function dayAt(at: number, timeZone: string): Day {
  const known = days.get(timeZone) ?? [];
  const found = known.find((day) => day.from <= at && at < day.until);
  if (found !== undefined) return found;
  const today = dateOf(at + offsetAt(at, timeZone));
  const windows = {
    day: calendar("day", today, timeZone),
    week: calendar("week", today, timeZone),
    month: calendar("month", today, timeZone),
  };
  const day = { from: windows.day.from, until: windows.day.until, windows };
  days.set(timeZone, [day, ...known].slice(0, KEPT_DAYS));
  return day;
}
