const DAY_MS = 86_400_000;

/** Making a format takes far longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en", {
    ...{ timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric" },
  });
  formats.set(timeZone, format);
  return format;
}

/** A zone whose days can be told here, by an IANA name; an offset from UTC knows no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    return formatOf(name) !== null;
  } catch {
    return false;
  }
}

/** How far a zone's clocks are ahead of UTC at a moment, in milliseconds. */
function offsetOf(timeZone: string, at: number): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const clock = Date.UTC(
    ...([part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")] as const),
  );
  return clock - Math.floor(at / 1000) * 1000;
}

/** What a zone's clocks show, as if they showed UTC, in milliseconds. */
export const clockAt = (timeZone: string, at: number): number => at + offsetOf(timeZone, at);

/** When a zone's clocks show this; of two times the later, and past a gap as far as the clock is. */
export function instantOfClock(timeZone: string, clock: number): number {
  const after = clock - offsetOf(timeZone, clock + DAY_MS);
  if (clockAt(timeZone, after) === clock) return after;
  return clock - offsetOf(timeZone, clock - DAY_MS);
}
