/** How much a zone's clocks are ahead of UTC at a moment, in milliseconds. */
function aheadOf(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", {
    ...{ timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric" },
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const clock = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return clock - Math.floor(at / 1000) * 1000;
}

/** What a zone's clocks show at a moment, as if they showed UTC: milliseconds since the epoch. */
export const clockAt = (at: number, timeZone: string): number => at + aheadOf(at, timeZone);

/** The moment at which a zone's clocks show this; where they skip it, the first they show after. */
export function momentOf(clock: number, timeZone: string): number {
  const first = clock - aheadOf(clock, timeZone);
  // Clocks may have been set between the guess and the moment itself.
  const second = clock - aheadOf(first, timeZone);
  return clockAt(second, timeZone) === clock ? second : Math.max(first, second);
}

/** A moment as a field for dates and times has it, by a zone's clocks: `2026-11-24T14:02`. */
export const fieldOf = (at: number, timeZone: string): string =>
  new Date(clockAt(at, timeZone)).toISOString().slice(0, 16);

/** The moment that such a field names; NaN where it names none. */
export const momentOfField = (text: string, timeZone: string): number => {
  const clock = Date.parse(`${text}Z`);
  return Number.isNaN(clock) ? Number.NaN : momentOf(clock, timeZone);
};
