import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secureRandom } from "../../../worker/lib/random.ts";
import { isUlid, newUlid, ulidTime } from "../../../worker/lib/ulid.ts";

describe("a ULID", () => {
  it("spells the specification's own example", () => {
    expect(newUlid(1_469_918_176_385, (count) => new Uint8Array(count))).toBe("01ARYZ6S410000000000000000");
  });

  it("gives its time back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (time) => {
        const ulid = newUlid(time, secureRandom);
        expect(isUlid(ulid)).toBe(true);
        expect(ulidTime(ulid)).toBe(time);
      }),
    );
  });

  it("sorts by time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), fc.integer({ min: 1, max: 2 ** 40 }), (time, later) => {
        const after = Math.min(time + later, 2 ** 48 - 1);
        expect(newUlid(time, secureRandom) < newUlid(after, secureRandom)).toBe(true);
      }),
    );
  });

  it.each([
    "",
    "01ARYZ6S41000000000000000",
    "01ARYZ6S4100000000000000000",
    "01aryz6s410000000000000000",
    "81ARYZ6S410000000000000000",
    "01ARYZ6S41000000000000000I",
    "01ARYZ6S41000000000000000U",
    "' OR 1=1--",
    "01ARYZ6S410000000000000000\n",
  ])("is not %j", (text) => {
    expect(isUlid(text)).toBe(false);
    expect(() => ulidTime(text)).toThrow(RangeError);
  });

  it.each([-1, 2 ** 48, 1.5, Number.NaN])("cannot hold the time %d", (time) => {
    expect(() => newUlid(time, secureRandom)).toThrow(RangeError);
  });
});
