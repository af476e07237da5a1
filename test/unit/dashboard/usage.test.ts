import { describe, expect, it, test } from "vitest";
import type { Breakdown, BreakdownRow, Figures, Series } from "../../../dashboard/api/stats.ts";
import { exactUsd } from "../../../dashboard/format/nano.ts";
import { bestBucket, bucketsFor, cumulative } from "../../../dashboard/usage/buckets.ts";
import { changeOf } from "../../../dashboard/usage/change.ts";
import { csvOf } from "../../../dashboard/usage/csv.ts";
import { groupFilter } from "../../../dashboard/usage/group.ts";
import { latestOf } from "../../../dashboard/usage/latest.ts";
import { lastMonths, monthOf, monthPeriod } from "../../../dashboard/usage/months.ts";
import { moversOf } from "../../../dashboard/usage/movers-of.ts";
import { rankedOf } from "../../../dashboard/usage/ranked.ts";
import { withAnswer } from "../../../dashboard/usage/suppositions.ts";
import { breakdownCsv, seriesCsv } from "../../../dashboard/usage/usage-csv.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const figures = (cost: number | string, requests = 1): Figures => ({
  ...{ requests, errors: 0, error_rate: 0, estimated: 0, cache_share: null, duration_ms_average: null },
  tokens: { input_uncached: 3, cache_read: 2, cache_write: 1, output: 4, reasoning: 0, total: 10 },
  ...{ cost_nano: cost, cost_usd: exactUsd(cost), list_cost_nano: cost, list_cost_usd: exactUsd(cost) },
});
const row = (value: string | null, now: number, before: number | null, kind: BreakdownRow["kind"] = "value") => ({
  ...{ kind, value, name: null, email: null, ...figures(now) },
  previous: before === null ? null : figures(before),
});
const part = (value: string | null, now: number, before: number | null, kind?: BreakdownRow["kind"]) => ({
  ...row(value, now, before, kind),
  sub: null,
});
const cost = (of: Figures) => Number(of.cost_nano);

describe("a change", () => {
  test.each([
    [112, 100, "relative", { kind: "by", ratio: 0.12 }],
    [0, 100, "relative", { kind: "by", ratio: -1 }],
    [5, -10, "relative", { kind: "by", ratio: 1.5 }],
    [5, 0, "relative", { kind: "new" }],
    [0, 0, "relative", { kind: "by", ratio: 0 }],
    [0.5, 0.25, "points", { kind: "by", ratio: 0.25 }],
    [null, 0.25, "points", { kind: "none" }],
    [1, null, "relative", { kind: "none" }],
  ] as const)("to %j from %j, %s", (now, before, as, change) => {
    expect(changeOf(now, before, as)).toEqual(change);
  });
});

describe("steps of time", () => {
  test.each([
    [HOUR, "hour"],
    [2 * DAY, "hour"],
    [7 * DAY, "day"],
    [90 * DAY, "day"],
    [365 * DAY, "week"],
    [1200 * DAY, "month"],
  ])("of %i ms are best an %s", (length, bucket) => {
    expect(bestBucket(length)).toBe(bucket);
    expect(bucketsFor(length)).toContain(bucket);
  });

  it("are not finer than the API answers", () => {
    expect(bucketsFor(400 * HOUR)).toEqual(["hour", "day", "week", "month"]);
    expect(bucketsFor(401 * HOUR)).toEqual(["day", "week", "month"]);
    expect(bucketsFor(500 * DAY)).toEqual(["week", "month"]);
  });

  it("add up to running totals, over gaps", () => {
    expect(cumulative([1, null, 2, -1])).toEqual([1, 1, 3, 2]);
  });
});

describe("a month", () => {
  test.each([
    ["2026-11", "UTC", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
    ["2026-12", "Asia/Shanghai", "2026-11-30T16:00:00.000Z", "2026-12-31T16:00:00.000Z"],
    ["2026-03", "Europe/Berlin", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"],
    ["2026-11", "America/St_Johns", "2026-11-01T02:30:00.000Z", "2026-12-01T03:30:00.000Z"],
    // Clocks are put on at the first moment of the month: its day begins at one o'clock.
    ["2017-10", "America/Asuncion", "2017-10-01T04:00:00.000Z", "2017-11-01T03:00:00.000Z"],
    ["2026-04", "Australia/Lord_Howe", "2026-03-31T13:00:00.000Z", "2026-04-30T13:30:00.000Z"],
  ])("%s in %s", (month, zone, from, to) => {
    expect(monthPeriod(month, zone)).toEqual({ from, to });
  });

  it("is the zone's own", () => {
    const at = Date.parse("2026-12-31T20:00:00Z");
    expect(monthOf(at, "UTC")).toBe("2026-12");
    expect(monthOf(at, "Asia/Shanghai")).toBe("2027-01");
    expect(lastMonths(at, "Asia/Shanghai", 3)).toEqual(["2027-01", "2026-12", "2026-11"]);
  });
});

describe("a ranking", () => {
  const answer: Pick<Breakdown, "data" | "total"> = {
    total: { ...figures(100), previous: figures(80) },
    data: [
      { ...row("a", 10, 40), sub: null },
      { ...row("b", 50, 0), sub: [row(null, 40, 0, "unattributed"), row("x", 10, 0)] },
      { ...row(null, 30, 40, "other"), sub: null },
      { ...row(null, 10, 0, "unattributed"), sub: null },
    ],
  };
  const shown = { of: cost, parts: true, change: "relative" } as Parameters<typeof rankedOf>[1];

  it("has the largest first, the rest and what has no value last, and adds up to the total", () => {
    const rows = rankedOf(answer, shown);
    expect(rows.map(({ id, value, share }) => [id, value, share])).toEqual([
      ["b", 50, 0.5],
      ["a", 10, 0.1],
      [":other", 30, 0.3],
      [":unattributed", 10, 0.1],
    ]);
    expect(rows[0]?.sub.map(({ id, share }) => [id, share])).toEqual([
      ["x", 0.1],
      [":unattributed", 0.4],
    ]);
    expect(rows.map(({ change }) => change.kind)).toEqual(["new", "by", "by", "new"]);
  });

  it("has no shares of what does not add up", () => {
    expect(rankedOf(answer, { ...shown, parts: false }).map(({ share }) => share)).toEqual([null, null, null, null]);
  });

  it("says what moved most, up or down", () => {
    const movers = moversOf([...answer.data, part("still", 5, 5), part("unknown", 5, null)], cost, 2);
    expect(movers.map(({ row: { value }, by }) => [value, by])).toEqual([
      ["b", 50],
      ["a", -30],
    ]);
  });
});

describe("a link to the log", () => {
  const of = (kind: BreakdownRow["kind"], value: string | null) => ({ kind, value, name: null, email: null });
  test.each([
    ["model", of("value", "openai/gpt-6"), ["model", "openai/gpt-6"]],
    ["organization", of("value", "org_1"), ["org", "org_1"]],
    ["tag:team", of("value", "search"), ["tag", "team:search"]],
    ["model", of("other", null), null],
    ["member", of("unattributed", null), null],
  ])("by %s", (by, label, filter) => {
    expect(groupFilter(by, label)).toEqual(filter);
  });
});

describe("files", () => {
  it("quote what must be, and reckon nothing", () => {
    expect(csvOf([["a,b", 'say "x"', "=1+1", "-5", -5, null, "@x"]])).toBe(`"a,b","say ""x""",'=1+1,-5,-5,,'@x\r\n`);
  });

  it("have exact amounts, and a total that their rows add up to", () => {
    const lines = breakdownCsv({
      total: { ...figures("9007199254740993000000001"), previous: null },
      data: [{ ...row("a", 1, null), sub: [row("x", 1, null)] }],
    }).split("\r\n");
    expect(lines[0]).toMatch(/^kind,value,name,sub_kind,sub_value,sub_name,requests,/);
    expect(lines.slice(1, 4).map((line) => line.split(",").slice(0, 7).join(","))).toEqual([
      "value,a,,,,,1",
      "value,a,,value,x,,1",
      "total,,,,,,1",
    ]);
    expect(lines[3]).toContain(",9007199254740993.000000001,");
  });

  it("have each group's part of each bucket", () => {
    const point = {
      ...{ from: "2026-11-01T00:00:00.000Z", to: "2026-11-02T00:00:00.000Z", complete: true, ...figures(5) },
      ...{ latency: null, parts: { cost: [4, 1] } },
    };
    const groups = [row("a", 0, null), row(null, 0, null, "other")];
    const [head, first] = seriesCsv({ groups, data: [point] } as unknown as Series).split("\r\n");
    expect(head).toMatch(/,cost_usd: a,cost_usd: other$/);
    expect(first).toMatch(/,0\.000000004,0\.000000001$/);
  });

  test.each([
    [0, "0"],
    [1, "0.000000001"],
    [-1_500_000_000, "-1.5"],
    ["12000000000", "12"],
  ])("say %j nano-USD as %s", (nano, usd) => {
    expect(exactUsd(nano)).toBe(usd);
  });
});

describe("what another model would have cost", () => {
  const answer = (before: number, after: number) => ({
    ...{ events: 2, before_nano: before, after_nano: after, kept: { expired: 1, unpriced: 0, other_operation: 2 } },
    models: [
      {
        ...{ model: "a", events: 2, changed: 2, before_nano: before, after_nano: after, difference_nano: 0 },
        ...{ before_usd: "", after_usd: "", difference_usd: "" },
      },
    ],
  });

  it("adds up over the parts of a period", () => {
    const both = withAnswer(withAnswer(undefined, answer(10, 5)), answer(20, 1));
    expect(both).toEqual({
      ...{ requests: 4, before: 30n, after: 6n },
      models: [{ model: "a", requests: 4, before: 30n, after: 6n }],
      kept: { expired: 2, unpriced: 0, other_operation: 4 },
    });
  });
});

describe("the latest", () => {
  it("are the newest of both, each once, as they are now", () => {
    const at = (id: string, second: number, status = 200) => ({
      id,
      created_at: `2026-11-26T00:00:0${second}Z`,
      status,
    });
    expect(latestOf([at("c", 3), at("a", 1)], [at("d", 3), at("a", 1, 500), at("b", 2)], 3)).toEqual([
      at("d", 3),
      at("c", 3),
      at("b", 2),
    ]);
  });
});
