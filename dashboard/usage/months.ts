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

/** The moment at which a zone's clocks show a month's beginning; where they skip it, the first they show after. */
function beginOf(year: number, month: number, timeZone: string): number {
  const clock = Date.UTC(year, month, 1);
  const first = clock - aheadOf(clock, timeZone);
  // Clocks may have been set between the guess and the moment itself.
  const second = clock - aheadOf(first, timeZone);
  return second + aheadOf(second, timeZone) === clock ? second : Math.max(first, second);
}

/** `2026-11`. */
export const monthOf = (at: number, timeZone: string): string =>
  new Date(at + aheadOf(at, timeZone)).toISOString().slice(0, 7);

/** From when until when a month lasts in a zone, as ISO moments. `month` is `2026-11`. */
export function monthPeriod(month: string, timeZone: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return {
    from: new Date(beginOf(year, number - 1, timeZone)).toISOString(),
    to: new Date(beginOf(year, number, timeZone)).toISOString(),
  };
}

/** The month of a moment and those before it, the latest first. */
export function lastMonths(at: number, timeZone: string, howMany: number): string[] {
  const [year = 0, number = 1] = monthOf(at, timeZone).split("-").map(Number);
  return Array.from({ length: howMany }, (_, back) =>
    new Date(Date.UTC(year, number - 1 - back, 1)).toISOString().slice(0, 7),
  );
}
