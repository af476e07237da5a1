import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WHOLE } from "../../../worker/usage/stats/horizon.ts";
import { type Known, type Slot, type Tile, type Tiling, tile } from "../../../worker/usage/stats/tiles.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2025, 9, 20);
const LATER = START + 100 * DAY;
const ALL: Known = { days: true, hours: true, quarters: true, subtract: true };

const slot = (from: number, to: number, id = 0): Slot => ({ id, from: START + from, to: START + to });
const tilesOf = ({ days, hours, quarters, events }: Tiling): Tile[] => [...days, ...hours, ...quarters, ...events];
const told = (tiles: readonly Tile[]) => tiles.map(({ from, to, sign }) => [from - START, to - START, sign]);

test("in the end every moment counts once for its slot, and for no other", () => {
  const cuts = fc.uniqueArray(
    fc.oneof(
      fc.integer({ min: 0, max: 10 * 96 }).map((quarters) => quarters * 15 * MINUTE),
      fc.integer({ min: 0, max: 10 * DAY }),
    ),
    { minLength: 2, maxLength: 12 },
  );
  const known = fc.record({ days: fc.boolean(), hours: fc.boolean(), quarters: fc.boolean(), subtract: fc.boolean() });
  fc.assert(
    fc.property(
      cuts,
      known,
      fc.array(fc.boolean()),
      fc.integer({ min: 0, max: 10 * DAY }),
      (at, knows, left, summed) => {
        const bounds = at.sort((a, b) => a - b);
        const slots = bounds
          .slice(1)
          .flatMap((to, index) => (left[index] ? [] : [slot(bounds[index] ?? 0, to, index)]));
        const tiles = tilesOf(tile(slots, knows, { ...WHOLE, summedFrom: START + summed }, LATER));
        const moments = [...bounds, ...tiles.flatMap(({ from, to }) => [from - START, to - START])];
        for (const moment of moments.flatMap((one) => [one - 1, one, one + 1])) {
          const counted = new Map<number, number>();
          for (const one of tiles) {
            if (moment < one.from - START || moment >= one.to - START) continue;
            counted.set(one.slot, (counted.get(one.slot) ?? 0) + one.sign);
          }
          const wanted = slots.filter(({ from, to }) => moment >= from - START && moment < to - START);
          expect([...counted].filter(([, times]) => times !== 0)).toEqual(wanted.map(({ id }) => [id, 1]));
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe("reads little", () => {
  test("a day of Zurich is the day of UTC but for an hour at each end", () => {
    const { days, hours, ...rest } = tile([slot(-2 * HOUR, 22 * HOUR)], ALL, WHOLE, LATER);
    expect(told(days)).toEqual([[0, DAY, 1]]);
    expect(told(hours)).toEqual([
      [22 * HOUR, 24 * HOUR, -1],
      [-2 * HOUR, 0, 1],
    ]);
    expect(rest).toEqual({ quarters: [], events: [], rounded: false });
  });

  test("half an hour of Kolkata is two quarters", () => {
    const { days, hours, quarters, events } = tile([slot(-5.5 * HOUR, 18.5 * HOUR)], ALL, WHOLE, LATER);
    expect([days.length, hours.length, quarters.length, events.length]).toEqual([1, 2, 2, 0]);
  });

  test("today is taken whole: nothing is to be taken away that has not started", () => {
    const { days, events } = tile([slot(0, 6 * HOUR)], { ...ALL, subtract: false }, WHOLE, START + 6 * HOUR);
    expect([told(days), events]).toEqual([[[0, DAY, 1]], []]);
  });

  test("what is no sum is read from whole days within and the events at both ends", () => {
    const known = { days: true, hours: false, quarters: false, subtract: false };
    const { days, events } = tile([slot(-1, 2 * DAY + 1)], known, WHOLE, LATER);
    expect(told(days)).toEqual([[0, 2 * DAY, 1]]);
    expect(told(events)).toEqual([
      [-1, 0, 1],
      [2 * DAY, 2 * DAY + 1, 1],
    ]);
  });
});

describe("where events are gone", () => {
  const gone = { ...WHOLE, eventsFrom: START + 5 * DAY };

  test("a bound is that of the nearest sum, and the answer says so", () => {
    const tiling = tile([slot(10 * MINUTE, 3 * DAY)], { ...ALL, quarters: false }, gone, LATER);
    expect(tiling).toMatchObject({ events: [], rounded: true });
    expect(told(tiling.days)).toEqual([[0, 3 * DAY, 1]]);
  });

  test("after that all is exact", () => {
    expect(tile([slot(6 * DAY + 1, 7 * DAY)], ALL, gone, LATER).rounded).toBe(false);
  });

  test.each<[string, Known, number]>([
    ["what no sum knows", { days: false, hours: false, quarters: false, subtract: true }, 0],
    [
      "what the sums of a day are deleted of, or not made yet",
      { ...ALL, hours: false, quarters: false },
      START + 9 * DAY,
    ],
  ])("%s is refused", (_, known, summedFrom) => {
    expect(() => tile([slot(0, 3 * DAY)], known, { ...gone, summedFrom }, LATER)).toThrow(/are kept since 2025-10-25/);
  });
});
