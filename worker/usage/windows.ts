const DAY_MS = 86_400_000;
/** No zone is further from UTC. */
const FURTHEST_MS = 15 * 3_600_000;

/** How a calendar date is read in a zone; made once, since it takes far longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  formats.set(timeZone, format);
  return format;
}

/** `2026-11-26` of a moment in a zone. */
function dateIn(timeZone: string, at: number): string {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}

/** The moment a date (UTC midnight of it) begins in a zone: clocks may skip midnight, or strike it twice. */
function beginningOf(date: number, timeZone: string): number {
  const wanted = new Date(date).toISOString().slice(0, 10);
  let [before, from] = [date - FURTHEST_MS, date + FURTHEST_MS];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (dateIn(timeZone, middle) >= wanted) from = middle;
    else before = middle;
  }
  return from;
}

/** The date after the last of a window that begins on a date, both as UTC midnights. */
const NEXT: Record<string, (date: number) => number> = {
  day: (date) => date + DAY_MS,
  week: (date) => date + 7 * DAY_MS,
  month: (date) => Date.UTC(new Date(date).getUTCFullYear(), new Date(date).getUTCMonth() + 1),
};

const NAME = /^(?:(?:day|week)\/\d{4}-\d{2}-\d{2}|month\/\d{4}-\d{2})$/;

/**
 * From when until when a calendar window of a Ledger lasts (`day/2026-11-26`, `week/2026-11-23`, `month/2026-11`) in an
 * IANA time zone, in milliseconds since the epoch. Null for another name.
 */
export function windowBounds(name: string, timeZone: string): { from: number; until: number } | null {
  if (!NAME.test(name)) return null;
  const [kind = "", date = ""] = name.split("/");
  const first = Date.parse(kind === "month" ? `${date}-01` : date);
  const next = NEXT[kind];
  if (next === undefined || Number.isNaN(first)) return null;
  return { from: beginningOf(first, timeZone), until: beginningOf(next(first), timeZone) };
}
