import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listModels } from "../../../worker/catalog/models.ts";
import { priceSchema } from "../../../worker/catalog/price-schema.ts";
import { tenantPriceRow } from "../../../worker/catalog/prices.ts";

/** Where a price is wrong; null for one that is taken. */
function wrongAt(price: unknown): string | null {
  const parsed = priceSchema.safeParse(price);
  return parsed.success ? null : [...(parsed.error.issues[0]?.path ?? [])].join(".");
}

const rates = { input: "2" };

describe("a price of one's own", () => {
  test.each([
    ["input alone", { rates }],
    [
      "everything",
      {
        rates: {
          input: "2.5",
          output: "10",
          cacheRead: "0.25",
          cacheWrite1h: "5",
          inputAudio: "32",
          outputImage: "0.000001",
        },
        tiers: [
          { above: 1, rates },
          { above: 200_000, rates: { input: "4" } },
        ],
        batch: { input: "1" },
        fast: { input: "5", output: "20" },
        reserve: { input: "3", output: "12" },
        fees: { request: "0.001", webSearch: "0" },
      },
    ],
    ["free", { rates: { input: "0", output: "0" } }],
  ])("%s is taken", (_what, price) => {
    expect(wrongAt(price)).toBeNull();
  });

  test.each([
    ["nothing", {}, "rates"],
    ["no input rate, which the others follow", { rates: { output: "1" } }, "rates.input"],
    ["a number", { rates: { input: 2 } }, "rates.input"],
    ["seven places", { rates: { input: "0.0000001" } }, "rates.input"],
    ["less than nothing, as dynamic routers are listed", { rates: { input: "-1" } }, "rates.input"],
    ["an exponent", { rates: { input: "1e3" } }, "rates.input"],
    ["an unknown rate", { rates: { input: "1", inptu: "1" } }, "rates"],
    ["an unknown fee", { rates, fees: { search: "1" } }, "fees"],
    ["an unknown field", { rates, currency: "EUR" }, ""],
    ["days, which stand beside the price", { rates, from: "2026-01-01" }, ""],
    [
      "steps out of order",
      {
        rates,
        tiers: [
          { above: 5, rates },
          { above: 5, rates },
        ],
      },
      "tiers",
    ],
    ["a step at nothing", { rates, tiers: [{ above: 0, rates }] }, "tiers.0.above"],
    ["a step without an input rate", { rates, tiers: [{ above: 5, rates: { output: "1" } }] }, "tiers.0.rates.input"],
  ])("%s is refused", (_what, price, at) => {
    expect(wrongAt(price)).toBe(at);
  });

  test("every price of the catalogue could be one", () => {
    for (const { id, prices } of listModels()) {
      for (const { from: _from, until: _until, ...price } of prices) {
        const parsed = priceSchema.safeParse(price);
        // The data file's batch and fast rates always name their input.
        expect([id, parsed.success ? null : parsed.error.issues]).toEqual([id, null]);
      }
    }
  });

  test("what is taken can be rated", () => {
    const decimal = fc.oneof(fc.integer({ min: 0, max: 999_999_999 }).map(String), fc.constantFrom("0.000001", "12.5"));
    fc.assert(
      fc.property(decimal, decimal, decimal, fc.integer({ min: 1 }), (input, output, fee, above) => {
        const price = { rates: { input, output }, tiers: [{ above, rates: { input } }], fees: { request: fee } };
        expect(wrongAt(price)).toBeNull();
        const record = { id: "prc_000000000001", organizationId: "org_00000001", model: "openai/x", removed: false };
        const row = tenantPriceRow({ ...record, from: 0, until: null, price });
        expect(row.fees.request).toBeGreaterThanOrEqual(0n);
        expect(row.standard.tiers).toHaveLength(1);
      }),
    );
  });
});
