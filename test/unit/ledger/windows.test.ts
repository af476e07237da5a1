import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CALENDAR_WINDOWS, dayAt } from "../../../worker/ledger/windows.ts";

const at = (text: string) => Date.parse(text);
const iso = (time: number) => new Date(time).toISOString();

const ROWS: [
  zone: string,
  moment: string,
  window: "day" | "week" | "month",
  key: string,
  from: string,
  until: string,
][] = [
  ["UTC", "2026-11-26T12:00:00Z", "day", "day/2026-11-26", "2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"],
  ["UTC", "2026-11-26T12:00:00Z", "week", "week/2026-11-23", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
  ["UTC", "2026-11-29T23:59:59Z", "week", "week/2026-11-23", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
  ["UTC", "2026-12-31T23:59:59Z", "month", "month/2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
  ["Asia/Shanghai", "2026-11-30T16:00:00Z", "month", "month/2026-12", "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"],
  ["Asia/Kathmandu", "2026-11-26T18:14:59Z", "day", "day/2026-11-26", "2026-11-25T18:15:00Z", "2026-11-26T18:15:00Z"],
  // Clocks go back: a day of 25 hours; forward: of 23.
  ["Europe/Berlin", "2026-10-25T12:00:00Z", "day", "day/2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
  ["Europe/Berlin", "2026-03-29T12:00:00Z", "day", "day/2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
  [
    "America/New_York",
    "2026-11-01T12:00:00Z",
    "month",
    "month/2026-11",
    "2026-11-01T04:00:00Z",
    "2026-12-01T05:00:00Z",
  ],
  // Midnight does not exist: the clocks of Beirut go from 24:00 to 1:00.
  ["Asia/Beirut", "2026-03-29T12:00:00Z", "day", "day/2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"],
  // Midnight comes twice: Havana goes back from 1:00 to 0:00.
  ["America/Havana", "2026-11-01T04:30:00Z", "day", "day/2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"],
  // A day that Samoa left out: the 29th is followed by the 31st.
  ["Pacific/Apia", "2011-12-30T09:59:59Z", "day", "day/2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"],
];

describe("calendar windows", () => {
  test.each(ROWS)("%s at %s: its %s is %s", (zone, moment, window, key, from, until) => {
    const found = dayAt(at(moment), zone).windows[window];
    expect([found.key, iso(found.from), iso(found.until)]).toEqual([key, iso(at(from)), iso(at(until))]);
  });

  test("every moment lies in exactly one window of each kind, and they follow each other without a gap", () => {
    const zones = fc.constantFrom(
      ...["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut"],
      ...["America/Havana", "Pacific/Chatham", "America/St_Johns", "Africa/Casablanca", "Pacific/Kiritimati"],
    );
    const moments = fc.integer({ min: at("2024-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") });
    const property = fc.property(zones, moments, fc.constantFrom(...CALENDAR_WINDOWS), (zone, moment, kind) => {
      const window = dayAt(moment, zone).windows[kind];
      expect(window.from).toBeLessThanOrEqual(moment);
      expect(moment).toBeLessThan(window.until);
      expect(dayAt(window.from, zone).windows[kind].key).toBe(window.key);
      expect(dayAt(window.until - 1, zone).windows[kind].key).toBe(window.key);
      expect(dayAt(window.until, zone).windows[kind].from).toBe(window.until);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
