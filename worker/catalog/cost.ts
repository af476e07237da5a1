/** What a request costs by a price row. Computed in whole pico-USD and rounded up once, to nano-USD (10⁻⁹ dollar). */
import type { Usage } from "../canonical/usage.ts";
import type { FeeName } from "./fees.ts";
import type { PriceRow } from "./prices.ts";
import type { Rates } from "./rates.ts";

/** One product of the sum: so many tokens, or calls, at so many pico-USD each. */
export interface CostLine {
  /** The rate's or fee's name, e.g. `cacheWrite1h`; `cacheWrite` is a write whose life nobody tells. */
  name: string;
  count: bigint;
  each: bigint;
}

export interface Cost {
  /** Nano-USD, a safe integer. */
  costNano: number;
  /** Where the figure comes from: the provider's own charge, the price book, or neither. */
  source: "provider" | "price_book" | "unpriced";
  /** The exact arithmetic, as the price book rates it; empty otherwise. */
  lines: CostLine[];
}

/** Tokens as BigInt. What a broken provider may send (a fraction, NaN, a negative) counts as nothing. */
const tokens = (count: number | undefined): bigint =>
  count !== undefined && Number.isSafeInteger(count) && count > 0 ? BigInt(count) : 0n;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Pico-USD as whole nano-USD, rounded up; what no number holds exactly is the largest that does. */
export const nanoFromPico = (pico: bigint): number => {
  const nano = (pico + 999n) / 1000n;
  return nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nano);
};

/** The rates of a request: by the service tier the provider billed and the whole of its input tokens. */
const ratesFor = (row: PriceRow, inputTokens: number, serviceTier: string | undefined): Rates => {
  const table = row.services.get(serviceTier?.toLowerCase() ?? "") ?? row.standard;
  return table.tiers.findLast((tier) => inputTokens > tier.above)?.rates ?? table.base;
};

/**
 * Charges `total` tokens: each part at its own rate, in the order given, the rest as `rest` says. Parts that add up to
 * more than the total are cut short, so that no token is charged twice.
 */
const inParts = (total: bigint, rest: [name: string, each: bigint], parts: CostLine[]): CostLine[] => {
  let left = total;
  const lines = parts.map((part) => {
    const count = least(part.count, left);
    left -= count;
    return { ...part, count };
  });
  return [...lines, { name: rest[0], count: left, each: rest[1] }];
};

const tokenLines = (rates: Rates, { input, output }: Usage): CostLine[] => {
  const uncached = tokens(input.uncached);
  const image = tokens(input.image);
  // A modality's count covers cached and fresh tokens alike: what exceeds the fresh ones was read from the cache.
  const freshAudio = least(tokens(input.audio), uncached);
  const freshImage = least(image, uncached - freshAudio);
  const line = (name: string, count: bigint, each: bigint): CostLine => ({ name, count, each });
  const written = (life: "5m" | "30m" | "1h" | "12h"): CostLine =>
    line(`cacheWrite${life}`, tokens(input[`cacheWrite${life}`]), rates.cacheWrite[life]);
  return [
    ...inParts(
      uncached,
      ["input", rates.input],
      [
        line("inputAudio", freshAudio, rates.inputAudio),
        line("inputImage", freshImage, rates.inputImage),
        line("inputVideo", tokens(input.video), rates.inputVideo),
      ],
    ),
    ...inParts(
      tokens(input.cacheRead),
      ["cacheRead", rates.cacheRead],
      [line("cacheReadImage", image - freshImage, rates.cacheReadImage)],
    ),
    ...inParts(
      tokens(input.cacheWrite),
      ["cacheWrite", rates.cacheWrite.unknown],
      [written("12h"), written("1h"), written("30m"), written("5m")],
    ),
    ...inParts(
      tokens(output.total),
      ["output", rates.output],
      [
        line("outputAudio", tokens(output.audio), rates.outputAudio),
        line("outputImage", tokens(output.image), rates.outputImage),
      ],
    ),
  ];
};

/** Calls that are billed, by the fee's name. */
const callsOf = ({ serverTools = {}, input, output }: Usage): Partial<Record<FeeName, bigint>> => ({
  // A request that used nothing was not answered.
  request: input.total + output.total > 0 ? 1n : 0n,
  groundedRequest: least(tokens(serverTools.webSearch), 1n),
  webSearch: tokens(serverTools.webSearch),
  webFetch: tokens(serverTools.webFetch),
  fileSearch: tokens(serverTools.fileSearch),
  codeSession: tokens(serverTools.codeSessions),
  imageGeneration: tokens(serverTools.images),
});

const feeLines = (row: PriceRow, usage: Usage): CostLine[] => {
  const calls = callsOf(usage);
  return Object.entries(row.fees).map(([name, each]) => ({ name, count: calls[name as FeeName] ?? 0n, each }));
};

/**
 * The cost of a request's usage under a price row (null: the model has no price). A provider that states its own charge
 * (OpenRouter) is believed. Reasoning is part of the output and costs what output costs.
 *
 * @param serviceTier the tier the provider billed, in its own word; by default the one in the usage.
 */
export const rate = (row: PriceRow | null, usage: Usage, serviceTier: string | undefined = usage.serviceTier): Cost => {
  if (usage.providerCostNano !== undefined) {
    return { costNano: usage.providerCostNano, source: "provider", lines: [] };
  }
  if (!row) return { costNano: 0, source: "unpriced", lines: [] };
  const all = [...tokenLines(ratesFor(row, usage.input.total, serviceTier), usage), ...feeLines(row, usage)];
  const lines = all.filter(({ count }) => count > 0n);
  const total = lines.reduce((sum, { count, each }) => sum + count * each, 0n);
  return { costNano: nanoFromPico(total), source: "price_book", lines };
};
