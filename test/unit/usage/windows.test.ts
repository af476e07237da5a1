import { describe, expect, it } from "vitest";
import { windowBounds } from "../../../worker/usage/windows.ts";

const bounds = (name: string, zone: string) => {
  const found = windowBounds(name, zone);
  return found && [new Date(found.from).toISOString(), new Date(found.until).toISOString()];
};

describe("windowBounds", () => {
  it.each<[string, string, string, string]>([
    ["day/2026-11-26", "UTC", "2026-11-26T00:00:00.000Z", "2026-11-27T00:00:00.000Z"],
    ["week/2026-11-23", "UTC", "2026-11-23T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    ["month/2026-11", "UTC", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
    ["month/2026-12", "UTC", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
    ["month/2028-02", "UTC", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
    // Zones that are not whole hours from UTC.
    ["day/2026-11-26", "Asia/Kolkata", "2026-11-25T18:30:00.000Z", "2026-11-26T18:30:00.000Z"],
    ["day/2026-11-26", "Asia/Kathmandu", "2026-11-25T18:15:00.000Z", "2026-11-26T18:15:00.000Z"],
    ["day/2026-11-26", "America/St_Johns", "2026-11-26T03:30:00.000Z", "2026-11-27T03:30:00.000Z"],
    // The furthest there are.
    ["day/2026-11-26", "Pacific/Kiritimati", "2026-11-25T10:00:00.000Z", "2026-11-26T10:00:00.000Z"],
    ["day/2026-11-26", "Etc/GMT+12", "2026-11-26T12:00:00.000Z", "2026-11-27T12:00:00.000Z"],
    // Days of 23 and 25 hours.
    ["day/2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["day/2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    // Midnight is skipped: the day begins at one.
    ["day/2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z", "2026-09-07T03:00:00.000Z"],
    // Midnight comes twice: the day begins at the first.
    ["day/2026-10-25", "Atlantic/Azores", "2026-10-25T00:00:00.000Z", "2026-10-26T01:00:00.000Z"],
    ["week/2026-10-19", "Atlantic/Azores", "2026-10-19T00:00:00.000Z", "2026-10-26T01:00:00.000Z"],
  ])("%s in %s", (name, zone, from, until) => {
    expect(bounds(name, zone)).toEqual([from, until]);
  });

  it.each(["total", "now", "hour/2026-11-26", "day/2026-11", "month/2026-11-26x", "day/2026-13-41", "", "day/"])(
    "knows no calendar window %j",
    (name) => {
      expect(bounds(name, "UTC")).toBeNull();
    },
  );
});
