import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nanoFromUsd, usdFromNano } from "../../../worker/lib/money.ts";

describe("money as text", () => {
  it("comes back as it went", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (nano) => {
        expect(nanoFromUsd(usdFromNano(nano))).toBe(nano);
      }),
    );
  });

  it.each([
    ["0", 0],
    ["0.000000001", 1],
    ["0.1", 100_000_000],
    ["12.50", 12_500_000_000],
    ["007", 7_000_000_000],
    ["9007199.254740991", Number.MAX_SAFE_INTEGER],
  ])("%s is %d nano-USD", (usd, nano) => {
    expect(nanoFromUsd(usd)).toBe(nano);
  });

  it.each([
    ["a fraction of a nano", "0.0000000001"],
    ["too much", "9007199.254740992"],
    ["far too much", "99999999999999999999"],
    ["a negative", "-1"],
    ["a sign", "+1"],
    ["an exponent", "1e3"],
    ["hexadecimal", "0x10"],
    ["no whole part", ".5"],
    ["no fraction", "1."],
    ["a comma", "1,5"],
    ["a space", " 1"],
    ["a line end", "1\n"],
    ["a word", "NaN"],
    ["another script's digits", "١"],
    ["nothing", ""],
  ])("%s is none: %j", (_, usd) => {
    expect(nanoFromUsd(usd)).toBeNull();
  });
});
