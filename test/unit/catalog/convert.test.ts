import { describe, expect, test } from "vitest";
import { convert } from "../../../local/catalog/convert.ts";
import { type PriceRecord, priceRows, succeed } from "../../../local/catalog/price-rows.ts";

const listed = (id: string, fields: object) => {
  const [provider = "", upstreamId = ""] = id.split("/");
  return { id, provider, upstreamId, displayName: upstreamId, ...fields };
};

describe("price rows of a listing", () => {
  test("a scheduled price ends the present one, and unnamed rates keep their proportion", () => {
    const rows = priceRows({
      pricesUsdPer1M: { input: "0.75", output: "3.75", cacheRead: "0.075", batch: { input: "0.375", output: "1.875" } },
      pricesValidUntil: "2026-12-31",
      scheduledPrices: [{ from: "2027-01-01", input: "1.5", output: "7" }],
    });
    expect(rows).toEqual([
      {
        until: "2027-01-01",
        rates: { input: "0.75", output: "3.75", cacheRead: "0.075" },
        batch: { input: "0.375", output: "1.875" },
      },
      {
        from: "2027-01-01",
        rates: { input: "1.5", output: "7", cacheRead: "0.15" },
        batch: { input: "0.75", output: "3.75" },
      },
    ]);
  });

  test("several scheduled prices follow one another", () => {
    const rows = priceRows({
      pricesUsdPer1M: { input: "1" },
      scheduledPrices: [
        { from: "2027-01-01", input: "2" },
        { from: "2027-02-01", input: "3" },
      ],
    });
    expect(rows.map(({ from, until }) => [from, until])).toEqual([
      [undefined, "2027-01-01"],
      ["2027-01-01", "2027-02-01"],
      ["2027-02-01", undefined],
    ]);
  });

  test.each([
    [
      "a hole between two rows",
      {
        pricesUsdPer1M: { input: "1" },
        pricesValidUntil: "2026-12-30",
        scheduledPrices: [{ from: "2027-01-01", input: "2" }],
      },
    ],
    ["a price of seven places", { pricesUsdPer1M: { input: "0.0000001" } }],
    ["a price that is no number", { pricesUsdPer1M: { input: "cheap" } }],
    [
      "a proportion that is not exact",
      { pricesUsdPer1M: { input: "3", cacheRead: "0.000001" }, scheduledPrices: [{ from: "2027-01-01", input: "4" }] },
    ],
  ])("%s is refused", (_what, listing) => {
    expect(() => priceRows(listing as Parameters<typeof priceRows>[0])).toThrow();
  });

  test("the dearer side of another listing is kept in reserve", () => {
    const notes = ["listed elsewhere at 3 in, 15 out (another gateway)"];
    expect(priceRows({ pricesUsdPer1M: { input: "0.192", output: "16" }, notes })[0]?.reserve).toEqual({
      input: "3",
      output: "16",
    });
    expect(priceRows({ pricesUsdPer1M: { input: "4", output: "16" }, notes })[0]?.reserve).toBeUndefined();
  });
});

describe("a changed listing", () => {
  const before: PriceRecord[] = [
    { until: "2026-12-01", rates: { input: "2" } },
    { from: "2026-12-01", rates: { input: "4" } },
  ];

  test("without a change nothing is written anew, however often", () => {
    expect(succeed(before, structuredClone(before), "2026-11-23")).toBe(before);
    expect(succeed(before, [{ rates: { input: "4" } }], "2026-12-05")).toBe(before);
  });

  test("a change is a row from that day on; the past stays", () => {
    const after = succeed(before, [{ rates: { input: "5" } }], "2026-12-05");
    expect(after).toEqual([
      { until: "2026-12-01", rates: { input: "2" } },
      { from: "2026-12-01", until: "2026-12-05", rates: { input: "4" } },
      { from: "2026-12-05", rates: { input: "5" } },
    ]);
    expect(succeed(after, [{ rates: { input: "5" } }], "2026-12-09")).toBe(after);
  });

  test("a scheduled price that is withdrawn disappears before it begins", () => {
    expect(succeed(before, [{ rates: { input: "2" } }], "2026-11-23")).toEqual([
      { until: "2026-11-23", rates: { input: "2" } },
      { from: "2026-11-23", rates: { input: "2" } },
    ]);
  });
});

describe("models", () => {
  test("only what the product reads is carried", () => {
    const [model] = convert(
      [listed("openai/a", { kind: "chat", sources: ["x"], confidence: "high", pricesUsdPer1M: { input: "1" } })],
      [],
      "2026-11-23",
    );
    expect(model).toEqual({
      provider: "openai",
      upstreamId: "a",
      displayName: "a",
      kind: "chat",
      prices: [{ rates: { input: "1" } }],
    });
  });

  test("an id that the vendor reroutes takes the other model's price from that day", () => {
    const models = convert(
      [
        listed("google/old", {
          pricesUsdPer1M: { input: "1" },
          notes: ["from 2026-12-01 the vendor reroutes this id to new and bills that model"],
        }),
        listed("google/new", { pricesUsdPer1M: { input: "3" } }),
      ],
      [],
      "2026-11-23",
    );
    expect(models[0]?.prices).toEqual([
      { rates: { input: "1" }, until: "2026-12-01" },
      { rates: { input: "3" }, from: "2026-12-01" },
    ]);
  });

  test("an id that does not name its provider is refused", () => {
    expect(() => convert([{ ...listed("openai/a", {}), id: "a" }], [], "2026-11-23")).toThrow("provider/upstreamId");
  });
});
