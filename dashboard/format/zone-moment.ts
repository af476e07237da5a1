import { aheadOf, clockAt } from "./zone-clock.ts";

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
