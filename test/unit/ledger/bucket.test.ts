import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bucket, fallsTo, flowed } from "../../../worker/ledger/bucket.ts";

const minute = (amount: number) => ({ amount, windowMs: 60_000 });

describe("a token bucket", () => {
  test.each([
    ["half a minute lets half flow off", { debt: 60, at: 0 }, 60, 30_000, 30],
    ["a minute empties it", { debt: 60, at: 0 }, 60, 60_000, 0],
    ["what is not a whole unit does not flow yet", { debt: 60, at: 0 }, 60, 1_999, 59],
    ["a clock that has gone back lets nothing flow", { debt: 60, at: 5_000 }, 60, 1_000, 60],
    ["a limit of nothing lets nothing flow", { debt: 60, at: 0 }, 0, 60_000, 60],
    ["a thousand dollars an hour, to the nano-dollar", { debt: 10 ** 12, at: 0 }, 10 ** 12, 6, 10 ** 12 - 10 ** 8],
  ])("%s", (_, bucket, amount, now, debt) => {
    expect(flowed({ ...bucket, rest: 0 }, minute(amount), now).debt).toBe(debt);
  });

  test("looking more often lets no more flow off, and no less", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 10 ** 13 }),
      fc.integer({ min: 1, max: 10 ** 13 }),
      fc.array(fc.integer({ min: 0, max: 7_000 }), { maxLength: 40 }),
      (debt, amount, steps) => {
        const begun: Bucket = { debt, at: 1_800_000_000_000, rest: 0 };
        const end = begun.at + steps.reduce((sum, step) => sum + step, 0);
        let [now, bucket] = [begun.at, begun];
        for (const step of steps) {
          now += step;
          bucket = flowed(bucket, minute(amount), now);
        }
        expect(bucket.debt).toBe(flowed(begun, minute(amount), end).debt);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  test("it has room when it says it will, and not a millisecond before", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 10 ** 12 }),
      fc.integer({ min: 1, max: 10 ** 11 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (amount, debt, part) => {
        const bucket = { debt, at: 1_800_000_000_000, rest: debt % 60_000 };
        const target = Math.floor(debt * part);
        const at = fallsTo(bucket, minute(amount), target) as number;
        expect(flowed(bucket, minute(amount), at).debt).toBeLessThanOrEqual(target);
        if (at > bucket.at) expect(flowed(bucket, minute(amount), at - 1).debt).toBeGreaterThan(target);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});
