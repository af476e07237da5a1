import { describe, expect, it } from "vitest";
import { listModels, type PriceRecord } from "../../../worker/catalog/models.ts";
import { priceSchema } from "../../../worker/catalog/price-schema.ts";
import { serviceRates } from "../../../worker/catalog/rates.ts";

const rates = { input: "2", output: "10.5" };

describe("the form of a price", () => {
  it("is the catalogue's own, and whatever it takes can be rated", () => {
    const records = listModels().flatMap(({ prices }) => prices);
    // No usage tells video apart: such a rate would charge nothing.
    const usable = records.filter((record) => !("inputVideo" in record.rates));
    expect(usable.length).toBeGreaterThan(150);
    for (const { from: _from, until: _until, ...price } of usable) {
      expect(priceSchema.parse(price)).toEqual(price);
      expect(() => serviceRates(priceSchema.parse(price) as PriceRecord)).not.toThrow();
    }
  });

  it.each<[string, unknown]>([
    ["no rates", {}],
    ["no input rate", { rates: { output: "1" } }],
    ["a number", { rates: { input: 2 } }],
    ["a negative", { rates: { input: "-2" } }],
    ["NaN", { rates: { input: "NaN" } }],
    ["an exponent", { rates: { input: "1e3" } }],
    ["seven places", { rates: { input: "0.0000001" } }],
    ["more than a price", { rates: { input: "1000000000" } }],
    ["an unknown rate", { rates: { ...rates, inputVideo: "1" } }],
    ["an unknown field", { rates, from: "2026-01-01" }],
    ["a prototype", { rates: JSON.parse('{"input":"1","__proto__":"1"}') }],
    ["tiers that do not ascend", { rates, tiers: [2, 1].map((above) => ({ above, rates })) }],
    ["a tier from nothing on", { rates, tiers: [{ above: 0, rates }] }],
    ["a reserve for caches", { rates, reserve: { cacheRead: "1" } }],
  ])("refuses %s", (_, price) => {
    expect(priceSchema.safeParse(price).success).toBe(false);
  });
});
