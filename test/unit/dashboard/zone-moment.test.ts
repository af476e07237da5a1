import { describe, expect, test } from "vitest";
import { fieldOf, momentOfField } from "../../../dashboard/format/zone-moment.ts";

describe("a date and time by a zone's clocks", () => {
  test.each([
    ["UTC", "2026-11-01T00:00", "2026-11-01T00:00:00.000Z"],
    ["Asia/Shanghai", "2026-11-01T00:00", "2026-10-31T16:00:00.000Z"],
    ["America/St_Johns", "2026-11-01T00:00", "2026-11-01T02:30:00.000Z"],
    ["America/St_Johns", "2026-11-02T00:00", "2026-11-02T03:30:00.000Z"],
    ["Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00.000Z"],
  ])("in %s, %s is %s", (zone, field, iso) => {
    expect(new Date(momentOfField(field, zone)).toISOString()).toBe(iso);
    expect(fieldOf(Date.parse(iso), zone)).toBe(field);
  });

  test("what clocks skip is the first that they show after, and what is no date is none", () => {
    expect(new Date(momentOfField("2026-03-29T02:30", "Europe/Berlin")).toISOString()).toBe("2026-03-29T01:30:00.000Z");
    expect(momentOfField("", "UTC")).toBeNaN();
  });
});
