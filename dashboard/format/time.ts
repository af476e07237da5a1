import { numberLocale } from "../text/text.ts";

const made = new Map<string, Intl.DateTimeFormat>();

/** A format, made once for each language. */
function formatOf(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${numberLocale()} ${name}`;
  const known = made.get(key) ?? new Intl.DateTimeFormat(numberLocale(), { hourCycle: "h23", ...options });
  made.set(key, known);
  return known;
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `14:02:10`, in the reader's time zone. */
export const timeOfDay = (iso: string): string =>
  formatOf("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso));

/** `14:02:10.951`; of another day than today with it: `24 Nov 14:02:10`. */
export function preciseTime(iso: string): string {
  const moment = new Date(iso);
  if (moment.toDateString() !== new Date().toDateString()) return `${day(iso)} ${timeOfDay(iso)}`;
  return `${timeOfDay(iso)}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}

/** `24 Nov`. */
const day = (iso: string, timeZone?: string): string =>
  formatOf(`day ${timeZone}`, { day: "numeric", month: "short", timeZone }).format(new Date(iso));

/** `24 Nov, 14:02:10`. */
export const dateAndTime = (iso: string): string =>
  formatOf("both", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    new Date(iso),
  );

/**
 * From when until when by a zone's clocks, in milliseconds since the epoch: `24 – 26 Nov 2026` of whole days, their end being the
 * last one, else with the time of day.
 */
export function periodWords(from: number, to: number, timeZone: string): string {
  const clock = formatOf(`clock ${timeZone}`, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone });
  const isDayBegin = (at: number) => at % 1000 === 0 && clock.format(at) === "00:00:00";
  if (isDayBegin(from) && isDayBegin(to))
    return formatOf(`days ${timeZone}`, { dateStyle: "medium", timeZone }).formatRange(from, to - 1);
  const options = { dateStyle: "medium", timeStyle: "short", timeZone } as const;
  return formatOf(`moments ${timeZone}`, options).formatRange(from, to);
}

/** `24 Nov 2026`. */
export const date = (iso: string): string => formatOf("date", { dateStyle: "medium" }).format(new Date(iso));

/** Everything there is to say about a moment, for a title: `24 Nov 2026, 14:02:10.951 Europe/Berlin`. */
export function exactTime(iso: string): string {
  const moment = new Date(iso);
  const text = formatOf("exact", { dateStyle: "medium", timeStyle: "medium" }).format(moment);
  return `${text}.${String(moment.getMilliseconds()).padStart(3, "0")} ${zone}`;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `now`, `12 s ago`, `in 3 d`: from `now` in milliseconds since the epoch. A clock that runs behind the gateway's reads `now`. */
export function relativeTime(iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  const relative = new Intl.RelativeTimeFormat(numberLocale(), { style: "narrow", numeric: "auto" });
  if (Math.abs(seconds) < 2) return relative.format(0, "second");
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3];
  return relative.format(Math.trunc(seconds / size), unit);
}
