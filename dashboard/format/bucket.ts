import { numberLocale } from "../text/text.ts";

const made = new Map<string, Intl.DateTimeFormat>();

function formatOf(name: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${numberLocale()} ${timeZone} ${name}`;
  const known = made.get(key) ?? new Intl.DateTimeFormat(numberLocale(), { hourCycle: "h23", timeZone, ...options });
  made.set(key, known);
  return known;
}

const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };

export interface BucketWords {
  name: string;
  short: string;
  /** The hour that clocks show at its beginning; null of days and longer. */
  hour: number | null;
}

/** What a step of time is called in a zone: `Tue, 24 Nov`, `23 – 29 Nov`, `November 2026`, `24 Nov, 14:00`. */
export function bucketWords(bucket: string, from: string, to: string, timeZone: string): BucketWords {
  const begin = new Date(from);
  const day = () => formatOf("day", timeZone, DAY).format(begin);
  if (bucket === "hour") {
    const clock = formatOf("clock", timeZone, CLOCK).format(begin);
    const hour = Number(clock.slice(0, 2));
    return { name: `${day()}, ${clock}`, short: hour === 0 ? day() : clock, hour };
  }
  if (bucket === "week")
    return {
      // Its last moment still belongs to it, its end does not.
      name: formatOf("week", timeZone, { ...DAY, year: "numeric" }).formatRange(begin, new Date(Date.parse(to) - 1)),
      short: day(),
      hour: null,
    };
  if (bucket === "month")
    return {
      name: formatOf("month", timeZone, { month: "long", year: "numeric" }).format(begin),
      short: formatOf("short-month", timeZone, { month: "short", year: "2-digit" }).format(begin),
      hour: null,
    };
  return { name: formatOf("weekday", timeZone, { weekday: "short", ...DAY }).format(begin), short: day(), hour: null };
}
