import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noUsage, type Usage } from "../../../worker/canonical/usage.ts";
import { rate } from "../../../worker/catalog/cost.ts";
import { dearestRates } from "../../../worker/catalog/dearest-rates.ts";
import { type CatalogModel, findModel, listModels } from "../../../worker/catalog/models.ts";
import { type PriceRow, priceAt } from "../../../worker/catalog/prices.ts";
import { picoPerToken } from "../../../worker/catalog/rates.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

const model = (id: string): CatalogModel => {
  const [provider = "", ...rest] = id.split("/");
  const found = findModel(provider, rest.join("/"));
  if (!found) throw new Error(`no ${id} in the catalogue`);
  return found;
};

const price = (id: string, at: number = NOW): PriceRow => {
  const row = priceAt(model(id), at);
  if (!row) throw new Error(`${id} has no price`);
  return row;
};

interface Tokens {
  uncached?: number;
  cacheRead?: number;
  cacheWrite?: number;
  output?: number;
}

const usage = (tokens: Tokens, input: Partial<Usage["input"]> = {}, output: Partial<Usage["output"]> = {}): Usage => {
  const { uncached = 0, cacheRead = 0, cacheWrite = 0 } = tokens;
  return {
    input: { total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite, ...input },
    output: { total: tokens.output ?? 0, ...output },
  };
};

const pricedRows = listModels().flatMap((entry) =>
  entry.prices.map((record) => ({
    id: entry.id,
    row: priceAt(entry, record.from ? Date.parse(record.from) : 0) as PriceRow,
  })),
);

const anyRow = fc.constantFrom(...pricedRows.map(({ row }) => row));
const count = fc.integer({ min: 0, max: 2_000_000 });
const anyUsage = fc
  .record({ uncached: count, cacheRead: count, cacheWrite: count, output: count })
  .map((tokens) => usage(tokens));
const anyService = fc.constantFrom(undefined, "default", "batch", "flex", "priority", "fast", "something new");

describe("a price in pico-USD per token", () => {
  test.each([
    ["0", 0n],
    ["2", 2_000_000n],
    ["2.50", 2_500_000n],
    ["0.0062", 6_200n],
    ["0.000001", 1n],
  ])("%s USD per million is %s", (text, pico) => {
    expect(picoPerToken(text)).toBe(pico);
  });

  test.each(["", "-1", "+1", "1e3", ".5", "1.", "1,5", "0.0000001", " 1", "NaN", "0x1", "1234567890"])(
    "%j is refused",
    (text) => {
      expect(() => picoPerToken(text)).toThrow(RangeError);
    },
  );

  test("is exact: written back it is the same decimal", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999n }), (pico) => {
        const digits = pico.toString().padStart(7, "0");
        return picoPerToken(`${digits.slice(0, -6)}.${digits.slice(-6)}`) === pico;
      }),
    );
  });
});

describe("the rows of the data file", () => {
  test.each(listModels().map((entry) => [entry.id, entry] as const))("%s: rows follow one another", (_id, entry) => {
    entry.prices.forEach((record, index) => {
      if (index > 0) {
        expect(record.from).toBeDefined();
        expect(record.from).toBe(entry.prices[index - 1]?.until);
      }
      const at = record.from ? Date.parse(`${record.from}T00:00:00Z`) : 0;
      expect(Number.isNaN(at)).toBe(false);
      expect(priceAt(entry, at)?.standard.base.input).toBe(picoPerToken(record.rates.input ?? ""));
      const tiers = (record.tiers ?? []).map((tier) => tier.above);
      expect(tiers).toEqual([...tiers].sort((a, b) => a - b));
    });
  });

  test("each row has a version of its own, the same at every reading", () => {
    const versions = pricedRows.map(({ row }) => row.version);
    expect(new Set(versions).size).toBe(versions.length);
    expect(price("openai/gpt-6-sol").version).toMatch(/^openai\/gpt-6-sol@[0-9a-f]{8}$/);
    expect(price("openai/gpt-5.6-sol").version).toMatch(/^openai\/gpt-5\.6-sol@2026-08-21-[0-9a-f]{8}$/);
  });

  test("a model without a price is unpriced", () => {
    expect(priceAt(model("google/gemini-flash-latest"), NOW)).toBeNull();
    expect(rate(null, usage({ uncached: 10, output: 10 }))).toMatchObject({ costNano: 0, source: "unpriced" });
  });
});

describe("scheduled prices", () => {
  test.each([
    ["google/gemini-4-argon", "2026-12-01", 2n, 10n],
    ["google/gemini-4-carbon", "2026-12-01", 2n, 10n],
    ["google/gemini-3.6-flash", "2027-01-01", 0n, 0n],
    ["google/gemini-3.7-flash", "2027-01-01", 0n, 0n],
    ["google/gemini-3.8-flash", "2027-01-01", 0n, 0n],
  ])("%s doubles at the first moment of %s", (id, day) => {
    const midnight = Date.parse(`${day}T00:00:00.000Z`);
    const before = price(id, midnight - 1);
    const after = price(id, midnight);
    expect(after.standard.base.input).toBe(2n * before.standard.base.input);
    expect(after.standard.base.output).toBe(2n * before.standard.base.output);
    expect(after.standard.base.cacheRead).toBe(2n * before.standard.base.cacheRead);
    expect(after.version).not.toBe(before.version);
    expect(price(id, midnight - 2).version).toBe(before.version);
  });

  test("an id the vendor reroutes is billed as the model that answers", () => {
    const rerouted = [
      ["google/gemini-2.5-pro", "google/gemini-3.8-flash"],
      ["google/gemini-2.5-flash", "google/gemini-3.5-flash-lite"],
    ] as const;
    for (const [own, other] of rerouted) {
      for (const day of ["2026-12-01", "2027-01-01"]) {
        expect(price(own, Date.parse(day)).standard).toEqual(price(other, Date.parse(day)).standard);
      }
      expect(price(own).standard).not.toEqual(price(other).standard);
    }
  });

  test("before the first day of a dated price there is none", () => {
    expect(priceAt(model("anthropic/claude-sonnet-5-5"), Date.parse("2026-10-06T23:59:59.999Z"))).toBeNull();
    expect(priceAt(model("anthropic/claude-sonnet-5-5"), Date.parse("2026-10-07"))).not.toBeNull();
  });
});

describe("cost, by hand", () => {
  const cases: [what: string, id: string, usage: Usage, service: string | undefined, nano: number][] = [
    // 1,000 × 2 + 200 × 10 µUSD = 4,000 µUSD
    ["input and output", "openai/gpt-6-sol", usage({ uncached: 1000, output: 200 }), undefined, 4_000_000],
    [
      "reasoning is output",
      "openai/gpt-6-sol",
      usage({ uncached: 1000, output: 200 }, {}, { reasoning: 150 }),
      undefined,
      4_000_000,
    ],
    // 100 × 2 + 900 × 0.2
    ["a cached read", "openai/gpt-6-sol", usage({ uncached: 100, cacheRead: 900 }), undefined, 380_000],
    // 10 × 4 + 100 × 5 + 50 × 8 + 5 × 20
    [
      "writes by time to live",
      "anthropic/claude-opus-5-5",
      usage({ uncached: 10, cacheWrite: 150, output: 5 }, { cacheWrite5m: 100, cacheWrite1h: 50 }),
      undefined,
      1_040_000,
    ],
    [
      "a write of unknown life costs the dearest",
      "anthropic/claude-opus-5-5",
      usage({ cacheWrite: 100 }),
      undefined,
      800_000,
    ],
    [
      "the unnamed rest of the writes too",
      "anthropic/claude-opus-5-5",
      usage({ cacheWrite: 100 }, { cacheWrite5m: 60 }),
      undefined,
      620_000,
    ],
    [
      "parts beyond the whole are not charged twice",
      "anthropic/claude-opus-5-5",
      usage({ cacheWrite: 100 }, { cacheWrite5m: 100, cacheWrite1h: 40 }),
      undefined,
      620_000,
    ],
    // 272,000 × 2 + 1 × 10; one token more: 272,001 × 4 + 1 × 15
    ["at the edge of the tier", "openai/gpt-6-sol", usage({ uncached: 272_000, output: 1 }), undefined, 544_010_000],
    ["above the tier", "openai/gpt-6-sol", usage({ uncached: 272_001, output: 1 }), undefined, 1_088_019_000],
    // cached tokens count towards the tier: 100,001 × 0.05 + 1 × 2.5
    [
      "cached tokens count",
      "anthropic/claude-haiku-5-5",
      usage({ cacheRead: 100_001, output: 1 }),
      undefined,
      5_002_550,
    ],
    ["batch", "openai/gpt-6-sol", usage({ uncached: 1000, output: 200 }), "batch", 2_000_000],
    ["flex is batch's price", "openai/gpt-6-sol", usage({ uncached: 1000, output: 200 }), "flex", 2_000_000],
    // batch is half: 272,001 × 2 + 10 × 7.5
    ["batch above the tier", "openai/gpt-6-sol", usage({ uncached: 272_001, output: 10 }), "batch", 544_077_000],
    ["priority", "openai/gpt-6-sol", usage({ uncached: 1000, output: 200 }), "PRIORITY", 8_000_000],
    ["a word without a price", "openai/gpt-6-sol", usage({ uncached: 1000, output: 200 }), "scale", 4_000_000],
    ["anthropic fast", "anthropic/claude-opus-5-5", usage({ uncached: 1000, output: 100 }), "fast", 12_000_000],
    [
      "fast writes keep their proportion",
      "anthropic/claude-opus-5-5",
      usage({ cacheWrite: 10 }, { cacheWrite5m: 10 }),
      "fast",
      100_000,
    ],
    [
      "priority of anthropic is paid beforehand",
      "anthropic/claude-opus-5-5",
      usage({ uncached: 1000 }),
      "priority",
      4_000_000,
    ],
    // 60 × 2.5 + 40 × 32 in, 30 × 10 + 70 × 64 out
    [
      "audio",
      "openai/gpt-audio",
      usage({ uncached: 100, output: 100 }, { audio: 40 }, { audio: 70 }),
      undefined,
      6_210_000,
    ],
    // 30 × 8 fresh; read: 20 × 2 of images, 15 × 1.25 of text; 100 × 30 out
    [
      "images",
      "openai/gpt-image-2",
      usage({ uncached: 30, cacheRead: 35, output: 100 }, { image: 50 }, { image: 100 }),
      undefined,
      3_298_750,
    ],
    ["an embedding", "openai/text-embedding-3-small", usage({ uncached: 7 }), undefined, 140],
    // 1 × 0.0062 µUSD = 6.2 nano-USD
    ["rounded up", "openrouter/z-ai/glm-5.2", usage({ uncached: 1 }), undefined, 7],
    ["rounded once", "openrouter/z-ai/glm-5.2", usage({ uncached: 1, cacheRead: 1 }), undefined, 12],
    ["free", "openrouter/openrouter/free", usage({ uncached: 1000, output: 1000 }), undefined, 0],
  ];

  test.each(cases)("%s (%s)", (_what, id, used, service, nano) => {
    expect(rate(price(id), used, service).costNano).toBe(nano);
  });

  test("the tier in the usage counts when none is given", () => {
    const used = { ...usage({ uncached: 1000 }), serviceTier: "flex" };
    expect(rate(price("openai/gpt-6-sol"), used).costNano).toBe(1_000_000);
  });

  test("what the provider says it charged wins over the table", () => {
    const used = { ...usage({ uncached: 1000 }), providerCostNano: 123 };
    expect(rate(price("openrouter/z-ai/glm-5.2"), used)).toMatchObject({ costNano: 123, source: "provider" });
    expect(rate(null, used)).toMatchObject({ costNano: 123, source: "provider" });
  });

  test("a broken provider's figures neither throw nor overflow", () => {
    const row = price("openai/gpt-6-sol");
    expect(rate(row, usage({ uncached: Number.NaN, output: -5, cacheRead: 1.5 })).costNano).toBe(0);
    expect(rate(row, usage({ uncached: Number.MAX_SAFE_INTEGER })).costNano).toBe(Number.MAX_SAFE_INTEGER);
    expect(rate(row, noUsage()).costNano).toBe(0);
  });
});

describe("cost, as laws", () => {
  test("the total is the exact sum of its parts, rounded up once", () => {
    fc.assert(
      fc.property(anyRow, anyUsage, anyService, (row, used, service) => {
        const { costNano, lines } = rate(row, used, service);
        const exact = lines.reduce((sum, { count: some, each }) => sum + some * each, 0n);
        const rounding = BigInt(costNano) * 1000n - exact;
        expect(rounding >= 0n && rounding < 1000n).toBe(true);
      }),
    );
  });

  test("more tokens within a tier never cost less", () => {
    fc.assert(
      fc.property(anyRow, anyUsage, anyUsage, anyService, (row, used, more, service) => {
        const larger: Usage = {
          input: {
            total: used.input.total,
            uncached: used.input.uncached + more.input.uncached,
            cacheRead: used.input.cacheRead + more.input.cacheRead,
            cacheWrite: used.input.cacheWrite + more.input.cacheWrite,
          },
          output: { total: used.output.total + more.output.total },
        };
        expect(rate(row, larger, service).costNano).toBeGreaterThanOrEqual(rate(row, used, service).costNano);
      }),
    );
  });

  test("the bound covers every way the tokens may be spent", () => {
    const split = fc.record({
      read: fc.double({ min: 0, max: 1, noNaN: true }),
      write: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const modality = fc.integer({ min: 0, max: 3_000_000 });
    fc.assert(
      fc.property(
        anyRow,
        count,
        count,
        split,
        modality,
        modality,
        anyService,
        (row, input, output, at, audio, image, service) => {
          const cacheRead = Math.floor(input * at.read);
          const cacheWrite = Math.floor((input - cacheRead) * at.write);
          const used = usage(
            { uncached: input - cacheRead - cacheWrite, cacheRead, cacheWrite, output },
            { audio, image },
            { audio, image },
          );
          const terms = { inputTokens: input, service: service ?? null, writes: ["unknown"] as const };
          const dear = dearestRates(row, terms);
          const each = (rates: Record<string, bigint>) => Object.values(rates).reduce((a, b) => (b > a ? b : a), 0n);
          const most = BigInt(input) * each(dear.input) + BigInt(output) * each(dear.output) + (row.fees.request ?? 0n);
          expect(
            rate(row, used, service).lines.reduce((sum, line) => sum + line.count * line.each, 0n),
          ).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the dearest rates", () => {
  const terms = { inputTokens: 1000, service: null, writes: [] };

  test("a listing of a cheap endpoint is held at the dearer of each side", () => {
    // Listed at 0.0062 / 6.8, elsewhere at 1.4 / 4.4.
    const { input, output } = dearestRates(price("openrouter/z-ai/glm-5.2"), terms);
    expect([input.text, output.text]).toEqual([1_400_000n, 6_800_000n]);
  });

  test("a tier counts only when it can be reached", () => {
    const row = price("openai/gpt-5.4-pro");
    expect(dearestRates(row, { ...terms, inputTokens: 272_000 }).input.text).toBe(30_000_000n);
    expect(dearestRates(row, { ...terms, inputTokens: 272_001 }).input.text).toBe(60_000_000n);
  });

  test.each([
    ["nothing asked for", {}, 4_000_000n, 20_000_000n],
    ["a cache for minutes", { writes: ["5m"] }, 5_000_000n, 20_000_000n],
    ["a cache for an hour", { writes: ["5m", "1h"] }, 8_000_000n, 20_000_000n],
    ["the fast service", { service: "fast" }, 8_000_000n, 40_000_000n],
    ["both", { service: "fast", writes: ["1h"] }, 16_000_000n, 40_000_000n],
    ["a cheaper service, which may not be given", { service: "batch" }, 4_000_000n, 20_000_000n],
  ] as const)("%s", (_what, more, input, output) => {
    const dear = dearestRates(price("anthropic/claude-opus-5-5"), { ...terms, ...more });
    expect([dear.input.text, dear.output.text]).toEqual([input, output]);
  });

  test("sound and pictures have their own", () => {
    const { input, output } = dearestRates(price("openai/gpt-audio"), terms);
    expect([input.text, input.audio, output.text, output.audio]).toEqual([
      2_500_000n,
      32_000_000n,
      10_000_000n,
      64_000_000n,
    ]);
    expect(dearestRates(price("google/gemini-3-pro-image"), terms).output.image).toBe(120_000_000n);
    expect(dearestRates(price("google/gemini-embedding-2"), terms).input.video).toBe(12_000_000n);
  });
});
