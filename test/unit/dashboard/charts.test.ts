import { describe, expect, it, test } from "vitest";
import type { Plot } from "../../../dashboard/charts/chart.ts";
import { bucketAt, moved, spanOf, spanPixels } from "../../../dashboard/charts/hit.ts";
import { barPaths, linePath, stepPath } from "../../../dashboard/charts/paths.ts";
import { gridValues, largest } from "../../../dashboard/charts/scale.ts";
import { assignSlots, type Slot } from "../../../dashboard/charts/slots.ts";
import { spread } from "../../../dashboard/charts/spread.ts";
import { axisTicks } from "../../../dashboard/charts/ticks.ts";

const plot: Plot = { left: 50, top: 10, width: 300, height: 100 };

describe("gridlines", () => {
  test.each([
    [0, false, [0.4, 0.8, 1.2]],
    [3, false, [1, 2, 3]],
    [100, false, [40, 80, 120]],
    [0.42, false, [0.15, 0.3, 0.45]],
    [4218.07, false, [1500, 3000, 4500]],
    [9, false, [3, 6, 9]],
    [0, true, [1, 2, 3]],
    [4, true, [2, 4, 6]],
    [34, true, [12, 24, 36]],
  ])("up to %f, whole: %s", (maximum, whole, lines) => {
    expect(gridValues(maximum, { whole })).toEqual(lines);
  });

  it("has room for what is drawn, and not much more", () => {
    for (let maximum = 0.001; maximum < 1e7; maximum *= 1.37) {
      const top = gridValues(maximum).at(-1) ?? 0;
      expect(top).toBeGreaterThanOrEqual(maximum * (1 - 1e-9));
      expect(top).toBeLessThan(maximum * 1.34);
    }
  });

  it("goes by stacks or by single values", () => {
    const lists = [
      [1, null, 3],
      [2, 2, -5],
    ];
    expect(largest(lists, true)).toBe(3);
    expect(largest(lists, false)).toBe(3);
    expect(largest([[4, 4], [3]], true)).toBe(7);
    expect(largest([], true)).toBe(0);
  });
});

/** What a path of bars says: each bar's left edge, bottom, top and width. */
const barsOf = (path: string) =>
  [...path.matchAll(/M([\d.]+) ([\d.]+)V([\d.]+)h([\d.]+)V([\d.]+)z/g)].map(([, ...numbers]) => numbers.map(Number));

describe("bars", () => {
  it("stand on each other, within their bucket", () => {
    const [first = "", second = ""] = barPaths(
      [
        [10, 0, 5],
        [10, 20, null],
      ],
      20,
      plot,
    );
    expect(barsOf(first)).toEqual([
      [56, 110, 60, 88, 110],
      [256, 110, 85, 88, 110],
    ]);
    expect(barsOf(second)).toEqual([
      [56, 60, 10, 88, 60],
      [156, 110, 10, 88, 110],
    ]);
  });

  it("is one path for each series, however many buckets there are", () => {
    const paths = barPaths(
      Array.from({ length: 7 }, (_, series) => Array.from({ length: 400 }, (_, bucket) => series + bucket)),
      3000,
      { ...plot, width: 1200 },
    );
    expect(paths).toHaveLength(7);
    expect(paths.map((path) => barsOf(path).length)).toEqual([399, 400, 400, 400, 400, 400, 400]);
  });

  it("draws nothing where corrections outweigh what was used", () => {
    expect(barPaths([[-3], [2]], 2, plot).map(barsOf)).toEqual([[], [[56, 110, 10, 288, 110]]]);
  });
});

describe("lines", () => {
  test.each([
    [[0, 10, 20], "M100 110L200 60L300 10"],
    [[0, null, 20], "M97 110h6M297 10h6"],
    [[0, 20, null], "M100 110L200 10"],
    [[null, null, null], ""],
  ])("through %j", (values, path) => {
    expect(linePath(values, 20, plot)).toBe(path);
  });

  it("has steps over bars", () => {
    expect(stepPath([10, 20, null], 20, plot)).toBe("M50 60H150V10H250");
  });
});

describe("the axis", () => {
  test.each<[string, (number | null)[], number, number[]]>([
    ["days, each", [null, null, null], 300, [0, 1, 2]],
    ["days, counted from the last", [null, null, null, null, null], 160, [0, 2, 4]],
    ["days too close", [null, null, null, null, null, null], 160, [2, 5]],
    ["hours at round ones", [22, 23, 0, 1, 2, 3, 4, 5], 200, [2, 5]],
    ["an hour that clocks strike twice", [1, 2, 2, 3], 300, [0, 1, 2, 3]],
    ["nothing", [], 300, []],
  ])("names %s", (_, hours, width, ticks) => {
    expect(axisTicks(hours, width, 60)).toEqual(ticks);
  });

  it("names every so many midnights of many days", () => {
    const hours = Array.from({ length: 16 * 24 }, (_, index) => index % 24);
    expect(axisTicks(hours, 384, 60)).toEqual([0, 72, 144, 216, 288, 360]);
  });
});

describe("the pointer and the keyboard", () => {
  test.each([
    [0, 0],
    [50, 0],
    [149.9, 0],
    [150, 1],
    [349, 2],
    [900, 2],
  ])("pixel %f is in bucket %i", (x, bucket) => {
    expect(bucketAt(x, 3, plot)).toBe(bucket);
  });

  it("finds nothing where nothing is", () => {
    expect(bucketAt(100, 0, plot)).toBe(-1);
    expect(bucketAt(100, 3, { ...plot, width: 0 })).toBe(-1);
  });

  it("selects whole buckets, from either side", () => {
    expect(spanOf(2, 1)).toEqual({ from: 1, to: 2 });
    expect(spanPixels(spanOf(2, 1), 3, plot)).toEqual({ x: 150, width: 200 });
  });

  test.each([
    ["ArrowLeft", 5, 4],
    ["ArrowLeft", 0, 0],
    ["ArrowRight", 29, 29],
    ["PageUp", 5, 8],
    ["Home", 5, 0],
    ["End", 5, 29],
    ["Enter", 5, null],
  ])("%s from bucket %i leads to %j", (key, at, to) => {
    expect(moved(key, at, 30)).toBe(to);
  });
});

describe("labels at the edge", () => {
  test.each([
    ["where they want, when there is room", [10, 50, 90], [10, 50, 90]],
    ["apart, in their order", [50, 52, 51], [50, 82, 66]],
    ["not beyond the lower end", [95, 99], [84, 100]],
    ["not beyond the upper end", [-20, -10], [0, 16]],
    ["evenly when they do not fit", [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 12.5, 25, 37.5, 50, 62.5, 75, 87.5, 100]],
  ])("stand %s", (_, wanted, places) => {
    expect(spread(wanted, 16, 0, 100)).toEqual(places);
  });
});

describe("colours", () => {
  it("are one each in a chart, and an id's own for as long as it is known", () => {
    const known = new Map<string, Slot>();
    const ids = ["openai/gpt-6", "anthropic/claude", "google/gemini", "a", "b", "c"];
    const first = assignSlots(ids, known);
    expect(new Set(first.values())).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect(assignSlots([...ids].reverse(), known)).toEqual(new Map([...first].reverse()));
    for (const id of ids) expect(assignSlots([id, "another"], known).get(id)).toBe(first.get(id));
  });

  it("do not collide where two that met elsewhere come together, and the first keeps its own", () => {
    const known = new Map<string, Slot>([
      ["x", 3],
      ["y", 3],
    ]);
    const chosen = assignSlots(["x", "y"], known);
    expect(chosen.get("x")).toBe(3);
    expect(chosen.get("y")).not.toBe(3);
    expect(known.get("y")).toBe(3);
  });
});
