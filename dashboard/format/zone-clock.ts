/** How much a zone's clocks are ahead of UTC at a moment, in milliseconds. */
export function aheadOf(at: number, timeZone: string): number {
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
