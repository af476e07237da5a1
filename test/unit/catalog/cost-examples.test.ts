import { describe, expect, test } from "vitest";
import type { Usage } from "../../../worker/canonical/usage.ts";
import { type CostLine, rate } from "../../../worker/catalog/cost.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { type PriceRow, priceAt, tenantPriceRow } from "../../../worker/catalog/prices.ts";

/**
 * Every shape a price can have, worked out by hand on the catalogue's own rows. The arithmetic is in micro-USD: a price in
 * USD per million tokens is as many micro-USD a token, a fee of 0.01 USD is 10,000 a call. It is checked three ways: its
 * value by an evaluator that knows decimals and nothing else, the product's figure, and the product's own lines.
 */

/** A decimal as whole 10⁻⁹. */
function nano(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.replaceAll(",", "").split(".");
  return BigInt(whole + fraction.padEnd(9, "0"));
}

/** `2 × 3.5 + 4 × 1` → nano-USD, rounded up. */
function evaluate(arithmetic: string): number {
  if (arithmetic === "nothing") return 0;
  const products = arithmetic.split(" + ").map((product) => {
    const factors = product.split(" × ");
    if (factors.length !== 2 || factors.some((one) => !/^\d{1,3}(?:,\d{3})*(?:\.\d+)?$/.test(one))) {
      throw new Error(`no product: ${product}`);
    }
    return factors.map(nano).reduce((a, b) => a * b, 1n);
  });
  // Of 10⁻¹⁸ micro-USD, which are 10⁻¹⁵ nano-USD.
  const sum = products.reduce((a, b) => a + b, 0n);
  return Number((sum + 10n ** 15n - 1n) / 10n ** 15n);
}

const grouped = (count: bigint): string => count.toString().replace(/\B(?=(?:\d{3})+$)/g, ",");

/** Pico-USD as micro-USD. */
function micro(pico: bigint): string {
  const digits = pico.toString().padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "");
  return grouped(BigInt(digits.slice(0, -6))) + (fraction === "" ? "" : `.${fraction}`);
}

const products = (lines: readonly CostLine[]): string[] =>
  lines.map(({ count, each }) => `${grouped(count)} × ${micro(each)}`).sort();

interface Used {
  in?: number;
  read?: number;
  write?: number;
  out?: number;
  input?: Partial<Usage["input"]>;
  output?: Partial<Usage["output"]>;
  tools?: Usage["serverTools"];
}

const usageOf = ({ in: uncached = 0, read = 0, write = 0, out = 0, input, output, tools }: Used): Usage => ({
  input: { total: uncached + read + write, uncached, cacheRead: read, cacheWrite: write, ...input },
  output: { total: out, ...output },
  ...(tools === undefined ? {} : { serverTools: tools }),
});

function priceOf(id: string, day: string): PriceRow | null {
  const slash = id.indexOf("/");
  const model = findModel(id.slice(0, slash), id.slice(slash + 1));
  if (model === null) throw new Error(`no ${id} in the catalogue`);
  return priceAt(model, Date.parse(`${day}T12:00:00Z`));
}

type Example = [what: string, model: string, used: Used, service: string | null, arithmetic: string, nano: number];

const EXAMPLES: Example[] = [
  ["in and out", "openai/gpt-6-sol", { in: 1_000, out: 200 }, null, "1,000 × 2 + 200 × 10", 4_000_000],
  ["one token", "openai/gpt-6-sol", { in: 1 }, null, "1 × 2", 2_000],
  [
    "reasoning is within the output",
    "openai/gpt-6-sol",
    { in: 1_000, out: 200, output: { reasoning: 150 } },
    null,
    "1,000 × 2 + 200 × 10",
    4_000_000,
  ],
  [
    "reasoning alone",
    "anthropic/claude-opus-5-5",
    { in: 10, out: 500, output: { reasoning: 500 } },
    null,
    "10 × 4 + 500 × 20",
    10_040_000,
  ],

  ["a read of the cache", "openai/gpt-6-sol", { in: 100, read: 900 }, null, "100 × 2 + 900 × 0.2", 380_000],
  ["a read at a twentieth", "anthropic/claude-sonnet-5-5", { read: 10_000 }, null, "10,000 × 0.1", 1_000_000],
  ["no discount where none is listed", "openai/gpt-5.5-pro", { read: 100 }, null, "100 × 30", 3_000_000],
  [
    "a write for 5 minutes",
    "anthropic/claude-opus-5-5",
    { write: 100, input: { cacheWrite5m: 100 } },
    null,
    "100 × 5",
    500_000,
  ],
  [
    "a write for an hour",
    "anthropic/claude-opus-5-5",
    { write: 100, input: { cacheWrite1h: 100 } },
    null,
    "100 × 8",
    800_000,
  ],
  [
    "writes of both",
    "anthropic/claude-opus-5-5",
    { in: 10, write: 150, out: 5, input: { cacheWrite5m: 100, cacheWrite1h: 50 } },
    null,
    "10 × 4 + 50 × 8 + 100 × 5 + 5 × 20",
    1_040_000,
  ],
  [
    "a write for 30 minutes",
    "openai/gpt-6.1-terra",
    { write: 100, input: { cacheWrite30m: 100 } },
    null,
    "100 × 1.25",
    125_000,
  ],
  [
    "a write for 12 hours",
    "openai/gpt-6.1-terra",
    { write: 100, input: { cacheWrite12h: 100 } },
    null,
    "100 × 2.5",
    250_000,
  ],
  ["a write of a life that nobody tells", "openai/gpt-6.1-terra", { write: 100 }, null, "100 × 2.5", 250_000],
  [
    "an hour with a reseller that lists minutes",
    "openrouter/anthropic/claude-opus-5.5",
    { write: 100, input: { cacheWrite1h: 100 } },
    null,
    "100 × 8",
    800_000,
  ],
  [
    "read, written and fresh",
    "anthropic/claude-haiku-4-5",
    { in: 7, read: 1_000, write: 20, out: 3, input: { cacheWrite5m: 20 } },
    null,
    "7 × 1 + 1,000 × 0.1 + 20 × 1.25 + 3 × 5",
    147_000,
  ],

  ["at the edge of a step", "openai/gpt-6-sol", { in: 272_000, out: 1 }, null, "272,000 × 2 + 1 × 10", 544_010_000],
  [
    "one above it: the whole request",
    "openai/gpt-6-sol",
    { in: 272_001, out: 1 },
    null,
    "272,001 × 4 + 1 × 15",
    1_088_019_000,
  ],
  [
    "what was cached counts for the step",
    "anthropic/claude-haiku-5-5",
    { read: 100_001, out: 1 },
    null,
    "100,001 × 0.05 + 1 × 2.5",
    5_002_550,
  ],
  [
    "and does not reach it at the edge",
    "anthropic/claude-haiku-5-5",
    { read: 100_000, out: 1 },
    null,
    "100,000 × 0.01 + 1 × 0.5",
    1_000_500,
  ],
  [
    "Gemini's step",
    "google/gemini-3.1-pro-preview",
    { in: 200_001, out: 10 },
    null,
    "200,001 × 4 + 10 × 18",
    800_184_000,
  ],
  [
    "writes above a step",
    "anthropic/claude-haiku-5-5",
    { write: 100_001, input: { cacheWrite1h: 100_001 } },
    null,
    "100,001 × 1",
    100_001_000,
  ],

  ["batch", "openai/gpt-6-sol", { in: 1_000, out: 200 }, "batch", "1,000 × 1 + 200 × 5", 2_000_000],
  ["flex", "openai/gpt-6-sol", { in: 1_000, out: 200 }, "flex", "1,000 × 1 + 200 × 5", 2_000_000],
  [
    "batch of Anthropic",
    "anthropic/claude-opus-5-5",
    { in: 1_000, out: 200 },
    "batch",
    "1,000 × 2 + 200 × 10",
    4_000_000,
  ],
  [
    "batch of Google",
    "google/gemini-3.8-flash",
    { in: 1_000, out: 200 },
    "BATCH",
    "1,000 × 0.375 + 200 × 1.875",
    750_000,
  ],
  [
    "a write in a batch keeps its proportion",
    "anthropic/claude-opus-5-5",
    { write: 100, input: { cacheWrite1h: 100 } },
    "batch",
    "100 × 4",
    400_000,
  ],
  ["priority", "openai/gpt-6-sol", { in: 1_000, out: 200 }, "priority", "1,000 × 4 + 200 × 20", 8_000_000],
  [
    "priority at another multiple",
    "openai/gpt-5.5",
    { in: 1_000, out: 200 },
    "priority",
    "1,000 × 12.5 + 200 × 75",
    27_500_000,
  ],
  ["fast", "anthropic/claude-opus-5-5", { in: 1_000, out: 100 }, "fast", "1,000 × 8 + 100 × 40", 12_000_000],
  ["a fast write", "anthropic/claude-opus-5-5", { write: 10, input: { cacheWrite5m: 10 } }, "fast", "10 × 10", 100_000],
  ["a word without a price", "openai/gpt-6-sol", { in: 1_000 }, "scale", "1,000 × 2", 2_000_000],
  ["a long batch", "openai/gpt-6-sol", { in: 272_001, out: 10 }, "batch", "272,001 × 2 + 10 × 7.5", 544_077_000],
  ["a long priority", "openai/gpt-6-sol", { in: 272_001, out: 10 }, "priority", "272,001 × 8 + 10 × 30", 2_176_308_000],

  [
    "sound in and out",
    "openai/gpt-audio",
    { in: 100, out: 100, input: { audio: 40 }, output: { audio: 70 } },
    null,
    "40 × 32 + 60 × 2.5 + 70 × 64 + 30 × 10",
    6_210_000,
  ],
  [
    "sound to Gemini",
    "google/gemini-3-flash-preview",
    { in: 100, input: { audio: 32 } },
    null,
    "32 × 1 + 68 × 0.5",
    66_000,
  ],
  [
    "a step of sound is a word's elsewhere",
    "google/gemini-3.8-flash",
    { in: 100, input: { audio: 32 } },
    null,
    "32 × 0.75 + 68 × 0.75",
    75_000,
  ],
  [
    "pictures in, fresh and cached, and out",
    "openai/gpt-image-2",
    { in: 30, read: 35, out: 100, input: { image: 50 }, output: { image: 100 } },
    null,
    "30 × 8 + 20 × 2 + 15 × 1.25 + 100 × 30",
    3_298_750,
  ],
  [
    "a picture and words",
    "google/gemini-3-pro-image",
    { in: 10, out: 1_130, output: { image: 1_120 } },
    null,
    "10 × 2 + 1,120 × 120 + 10 × 12",
    134_540_000,
  ],
  [
    "speech",
    "google/gemini-3.1-flash-tts-preview",
    { in: 10, out: 250, output: { audio: 250 } },
    null,
    "10 × 1 + 250 × 20",
    5_010_000,
  ],
  [
    "a film, embedded",
    "google/gemini-embedding-2",
    { in: 300, input: { video: 258, audio: 32 } },
    null,
    "32 × 6.5 + 258 × 12 + 10 × 0.2",
    3_306_000,
  ],
  ["an embedding", "openai/text-embedding-3-small", { in: 7 }, null, "7 × 0.02", 140],

  [
    "searches of OpenAI",
    "openai/gpt-6-sol",
    { in: 100, out: 10, tools: { webSearch: 3 } },
    null,
    "100 × 2 + 10 × 10 + 3 × 10,000",
    30_300_000,
  ],
  [
    "files and code of OpenAI",
    "openai/gpt-6-sol",
    { in: 1, tools: { fileSearch: 2, codeSessions: 1 } },
    null,
    "1 × 2 + 2 × 2,500 + 1 × 30,000",
    35_002_000,
  ],
  [
    "searches of a model that does not reason",
    "openai/gpt-4.1",
    { in: 1, tools: { webSearch: 1 } },
    null,
    "1 × 2 + 1 × 25,000",
    25_002_000,
  ],
  [
    "searches of Anthropic; pages cost their tokens",
    "anthropic/claude-opus-5-5",
    { in: 10, out: 1, tools: { webSearch: 2, webFetch: 5 } },
    null,
    "10 × 4 + 1 × 20 + 2 × 10,000 + 5 × 0",
    20_060_000,
  ],
  [
    "each query of Gemini 3",
    "google/gemini-3.8-flash",
    { in: 100, tools: { webSearch: 4 } },
    null,
    "100 × 0.75 + 4 × 14,000",
    56_075_000,
  ],
  [
    "a grounded request of Gemini 2, however many queries",
    "google/gemini-2.5-flash-lite",
    { in: 100, tools: { webSearch: 4 } },
    null,
    "100 × 0.1 + 1 × 35,000",
    35_010_000,
  ],
  [
    "a fee does not follow the service",
    "openai/gpt-6-sol",
    { in: 100, tools: { webSearch: 1 } },
    "flex",
    "100 × 1 + 1 × 10,000",
    10_100_000,
  ],

  ["rounded up, to the nano-dollar", "openrouter/z-ai/glm-5.2", { in: 1 }, null, "1 × 0.0062", 7],
  ["rounded once, at the end", "openrouter/z-ai/glm-5.2", { in: 1, read: 1 }, null, "1 × 0.0062 + 1 × 0.0052", 12],
  ["free", "openrouter/openrouter/free", { in: 1_000, out: 1_000 }, null, "1,000 × 0 + 1,000 × 0", 0],
  ["nothing used", "openai/gpt-6-sol", {}, null, "nothing", 0],
  [
    "a million tokens",
    "anthropic/claude-opus-5-5",
    { in: 1_000_000, out: 1_000_000 },
    null,
    "1,000,000 × 4 + 1,000,000 × 20",
    24_000_000_000,
  ],
];

describe("cost, worked out by hand", () => {
  test.each(EXAMPLES)("%s (%s)", (_what, model, used, service, arithmetic, expected) => {
    expect(evaluate(arithmetic)).toBe(expected);
    const cost = rate(priceOf(model, "2026-11-26"), usageOf(used), service ?? undefined);
    expect(cost.costNano).toBe(expected);
    expect(products(cost.lines)).toEqual(arithmetic === "nothing" ? [] : arithmetic.split(" + ").sort());
  });

  test("each shape of a price is met by an example", () => {
    const met = new Set(
      EXAMPLES.flatMap(([, model, used]) =>
        rate(priceOf(model, "2026-11-26"), usageOf(used)).lines.map(({ name }) => name),
      ),
    );
    expect([...met].sort()).toEqual(
      [
        ...["input", "output", "cacheRead", "cacheReadImage", "inputAudio", "inputImage", "inputVideo", "outputAudio"],
        ...["outputImage", "cacheWrite", "cacheWrite5m", "cacheWrite30m", "cacheWrite1h", "cacheWrite12h"],
        ...["webSearch", "webFetch", "fileSearch", "codeSession", "groundedRequest"],
      ].sort(),
    );
  });

  test("a price that doubles does so for requests from that day on", () => {
    const used = usageOf({ in: 1_000, out: 100 });
    const nanoOn = (day: string) => rate(priceOf("google/gemini-4-argon", day), used).costNano;
    expect([evaluate("1,000 × 2 + 100 × 10"), evaluate("1,000 × 4 + 100 × 20")]).toEqual([3_000_000, 6_000_000]);
    expect([nanoOn("2026-11-30"), nanoOn("2026-12-01")]).toEqual([3_000_000, 6_000_000]);
  });

  test("a fee changes with the model that answers for another", () => {
    const used = usageOf({ in: 100, tools: { webSearch: 4 } });
    const on = (day: string) => rate(priceOf("google/gemini-2.5-pro", day), used);
    expect(on("2026-11-30").costNano).toBe(evaluate("100 × 1.25 + 1 × 35,000"));
    expect(on("2026-12-01").costNano).toBe(evaluate("100 × 0.75 + 4 × 14,000"));
    expect(priceOf("google/gemini-2.5-pro", "2026-11-30")?.version).not.toBe(
      priceOf("google/gemini-2.5-pro", "2026-12-01")?.version,
    );
  });

  test("OpenRouter's own figure stands, whatever the table says", () => {
    const used = { ...usageOf({ in: 1_000, out: 100, tools: { webSearch: 1 } }), providerCostNano: 123_456 };
    const cost = rate(priceOf("openrouter/z-ai/glm-5.2", "2026-11-26"), used);
    expect(cost).toEqual({ costNano: 123_456, source: "provider", lines: [] });
  });

  test("an organization's own price: per request, per call, and the provider's fees where it names none", () => {
    const row = tenantPriceRow({
      ...{ id: "prc_abcdefghijkl", organizationId: "org_00000001", model: "openai/gpt-6-sol", removed: false },
      ...{ from: Date.UTC(2026, 10, 1), until: null },
      price: { rates: { input: "1.5", output: "8.25" }, fees: { request: "0.0005", webSearch: "0.008" } },
    });
    expect(row.version).toBe("prc_abcdefghijkl");
    const used = usageOf({ in: 1_000, out: 100, tools: { webSearch: 2, fileSearch: 1 } });
    const arithmetic = "1,000 × 1.5 + 100 × 8.25 + 1 × 500 + 2 × 8,000 + 1 × 2,500";
    const cost = rate(row, used);
    expect(cost.costNano).toBe(evaluate(arithmetic));
    expect(products(cost.lines)).toEqual(arithmetic.split(" + ").sort());
    expect(rate(row, usageOf({})).costNano).toBe(0);
  });
});

test("the original's thousand-fold error: a price per million is not a price per thousand", () => {
  // It divided by a thousand a price that was for one token, and kept four decimals: 0.018 USD became 0.0000.
  const row = priceOf("openai/gpt-6-sol", "2026-11-26");
  expect(evaluate("3,000 × 2 + 1,200 × 10")).toBe(18_000_000);
  expect(rate(row, usageOf({ in: 3_000, out: 1_200 })).costNano).toBe(18_000_000);
  // Above 272,000 tokens: 4 USD a million.
  expect(rate(row, usageOf({ in: 1_000_000 })).costNano).toBe(4_000_000_000);
  // Six decimals of a price per token made nothing of what costs less than half a dollar a million.
  expect(rate(priceOf("openai/gpt-5-nano", "2026-11-26"), usageOf({ in: 1 })).costNano).toBe(50);
  // A fee for a thousand calls is none for one, or for a million.
  expect(rate(row, usageOf({ tools: { webSearch: 1_000 } })).costNano).toBe(10_000_000_000);
});
