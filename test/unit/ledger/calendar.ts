/** Calendar windows told in the plainest way: what date a zone's wall shows, and when it shows another. */

const formats = new Map<string, Intl.DateTimeFormat>();
const named = new Map<string, Windows>();

export type Windows = Readonly<Record<"day" | "week" | "month" | "total", string>>;

/** No zone has ever changed its clocks but at a quarter of an hour. */
const QUARTER_MS = 900_000;

/** The names of the windows a moment lies in. */
export function windowsAt(at: number, timeZone: string): Windows {
  const quarter = Math.floor(at / QUARTER_MS);
  const name = `${timeZone}${quarter}`;
  const known = named.get(name);
  if (known !== undefined) return known;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  formats.set(timeZone, format);
  // Swedes write 2126-11-26.
  const date = format.format(quarter * QUARTER_MS);
  const monday = new Date(`${date}T00:00:00Z`);
  while (monday.getUTCDay() !== 1) monday.setUTCDate(monday.getUTCDate() - 1);
  const windows = {
    total: "total",
    day: `day/${date}`,
    week: `week/${monday.toISOString().slice(0, 10)}`,
    month: `month/${date.slice(0, 7)}`,
  };
  named.set(name, windows);
  return windows;
}
