import { clockAt } from "../format/zone-clock.ts";
import { momentOf } from "../format/zone-moment.ts";

/** `2026-11`. */
export const monthOf = (at: number, timeZone: string): string =>
  new Date(clockAt(at, timeZone)).toISOString().slice(0, 7);

/** From when until when a month lasts in a zone, as ISO moments. `month` is `2026-11`. */
export function monthPeriod(month: string, timeZone: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return {
    from: new Date(momentOf(Date.UTC(year, number - 1, 1), timeZone)).toISOString(),
    to: new Date(momentOf(Date.UTC(year, number, 1), timeZone)).toISOString(),
  };
}

/** The month of a moment and those before it, the latest first. */
export function lastMonths(at: number, timeZone: string, howMany: number): string[] {
  const [year = 0, number = 1] = monthOf(at, timeZone).split("-").map(Number);
  return Array.from({ length: howMany }, (_, back) =>
    new Date(Date.UTC(year, number - 1 - back, 1)).toISOString().slice(0, 7),
  );
}
