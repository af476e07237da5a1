/**
 * The price book, and what a request costs by it. A request is rated by the row that holds at its start, and its event
 * keeps that row's `version`. Computed in whole pico-USD, rounded up once, to nano-USD (10⁻⁹ dollar).
 */
import type { Usage } from "../canonical/usage.ts";
import { ownValue } from "../lib/own-value.ts";
import type { CatalogModel, CatalogProvider, PriceRecord } from "./models.ts";
import { dearest, picoPerToken, type Rates, type RateTable, serviceRates } from "./rates.ts";

export interface PriceRow {
  /** Names the row for good: model, first day where it has one, and a digest of everything it states. */
  version: string;
  standard: RateTable;
  /** By the provider's own word for a service tier, in lower case. Words without an entry cost the standard rates. */
  services: ReadonlyMap<string, RateTable>;
  /** At least so much is held back per token. */
  reserve: { input: bigint; output: bigint };
}

/**
 * The words with which each provider bills its cheaper and its faster service. Flex costs what batch costs at OpenAI and
 * Google. Anthropic's `priority` is capacity paid beforehand, not its `fast` mode.
 */
const SERVICE_WORDS: Record<CatalogProvider, { batch: string[]; fast: string[] }> = {
  openai: { batch: ["batch", "flex"], fast: ["priority", "fast", "ultrafast"] },
  anthropic: { batch: ["batch"], fast: ["fast"] },
  google: { batch: ["batch", "flex"], fast: ["priority"] },
  openrouter: { batch: ["batch", "flex"], fast: ["priority", "fast"] },
};

/** FNV-1a, 64 bits, as hex: short, stable and synchronous; it tells rows apart and protects nothing. */
const digest = (text: string): string => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
};

/** A row without its end: a price that has been given one is still the same price. */
const stated = ({ until: _until, ...row }: PriceRecord): string => JSON.stringify(row);

/**
 * A price as it is rated by. A provider without words for services (a host of one's own) bills none but the standard one.
 * @throws RangeError when a price of the record cannot be held exactly.
 */
export const parseRow = (model: { id: string; provider: string }, record: PriceRecord): PriceRow => {
  const { standard, batch, fast } = serviceRates(record);
  const words = ownValue(SERVICE_WORDS, model.provider) ?? { batch: [], fast: [] };
  const services = new Map<string, RateTable>();
  if (batch) for (const word of words.batch) services.set(word, batch);
  if (fast) for (const word of words.fast) services.set(word, fast);
  return {
    version: `${model.id}@${record.from ? `${record.from}-` : ""}${digest(stated(record)).slice(0, 8)}`,
    standard,
    services,
    reserve: {
      input: picoPerToken(record.reserve?.input ?? "0"),
      output: picoPerToken(record.reserve?.output ?? "0"),
    },
  };
};

const midnight = (day: string | undefined, absent: number): number =>
  day === undefined ? absent : Date.parse(`${day}T00:00:00Z`);

const parsed = new WeakMap<PriceRecord, PriceRow>();

const rowOf = (model: CatalogModel, record: PriceRecord): PriceRow => {
  const row = parsed.get(record) ?? parseRow(model, record);
  parsed.set(record, row);
  return row;
};

/** The price that holds at a moment (milliseconds since the epoch), or null when we know none: then it is unpriced. */
export const priceAt = (model: CatalogModel, atMs: number): PriceRow | null => {
  for (const record of model.prices) {
    if (atMs < midnight(record.from, -Infinity) || atMs >= midnight(record.until, Infinity)) continue;
    return rowOf(model, record);
  }
  return null;
};

/** The price of a version, or null when the book no longer has it: prices that were wrong are replaced. */
export const priceOfVersion = (model: CatalogModel, version: string): PriceRow | null =>
  model.prices.map((record) => rowOf(model, record)).find((row) => row.version === version) ?? null;

/** The rates of a request: by the service tier the provider billed and the whole of its input tokens. */
const ratesFor = (row: PriceRow, inputTokens: number, serviceTier: string | undefined): Rates => {
  const table = row.services.get(serviceTier?.toLowerCase() ?? "") ?? row.standard;
  return table.tiers.findLast((tier) => inputTokens > tier.above)?.rates ?? table.base;
};

export interface Cost {
  /** Nano-USD, a safe integer. */
  costNano: number;
  /** Where the figure comes from: the provider's own charge, the price book, or neither. */
  source: "provider" | "price_book" | "unpriced";
  /** The exact parts in pico-USD, as the price book rates them; zero otherwise. */
  pico: { uncached: bigint; cacheRead: bigint; cacheWrite: bigint; output: bigint };
}

const NOTHING = { uncached: 0n, cacheRead: 0n, cacheWrite: 0n, output: 0n };

/** Tokens as BigInt. What a broken provider may send (a fraction, NaN, a negative) counts as nothing. */
const tokens = (count: number | undefined): bigint =>
  count !== undefined && Number.isSafeInteger(count) && count > 0 ? BigInt(count) : 0n;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const nanoFromPico = (pico: bigint): number => {
  const nano = (pico + 999n) / 1000n;
  return nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nano);
};

/**
 * Charges `total` tokens: each part at its own rate, in the order given, the rest at `rest`. Parts that add up to more
 * than the total are cut short, so that no token is charged twice.
 */
const inParts = (total: bigint, rest: bigint, parts: [count: bigint, rate: bigint][]): bigint => {
  let left = total;
  let pico = 0n;
  for (const [count, rate] of parts) {
    const charged = least(count, left);
    left -= charged;
    pico += charged * rate;
  }
  return pico + left * rest;
};

const picoParts = (rates: Rates, usage: Usage): Cost["pico"] => {
  const { input, output } = usage;
  const uncached = tokens(input.uncached);
  const audio = tokens(input.audio);
  const image = tokens(input.image);
  // A modality's count covers cached and fresh tokens alike: what exceeds the fresh ones was read from the cache.
  const freshAudio = least(audio, uncached);
  const freshImage = least(image, uncached - freshAudio);
  return {
    uncached: inParts(uncached, rates.input, [
      [freshAudio, rates.inputAudio],
      [freshImage, rates.inputImage],
    ]),
    cacheRead: inParts(tokens(input.cacheRead), rates.cacheRead, [[image - freshImage, rates.cacheReadImage]]),
    cacheWrite: inParts(tokens(input.cacheWrite), rates.cacheWrite.unknown, [
      [tokens(input.cacheWrite12h), rates.cacheWrite["12h"]],
      [tokens(input.cacheWrite1h), rates.cacheWrite["1h"]],
      [tokens(input.cacheWrite30m), rates.cacheWrite["30m"]],
      [tokens(input.cacheWrite5m), rates.cacheWrite["5m"]],
    ]),
    output: inParts(tokens(output.total), rates.output, [
      [tokens(output.audio), rates.outputAudio],
      [tokens(output.image), rates.outputImage],
    ]),
  };
};

/**
 * The cost of a request's usage under a price row (null: the model has no price). A provider that states its own charge
 * (OpenRouter) is believed. Reasoning is part of the output and costs what output costs.
 *
 * @param serviceTier the tier the provider billed, in its own word; by default the one in the usage.
 */
export const rate = (row: PriceRow | null, usage: Usage, serviceTier: string | undefined = usage.serviceTier): Cost => {
  if (usage.providerCostNano !== undefined) {
    return { costNano: usage.providerCostNano, source: "provider", pico: NOTHING };
  }
  if (!row) return { costNano: 0, source: "unpriced", pico: NOTHING };
  const pico = picoParts(ratesFor(row, usage.input.total, serviceTier), usage);
  const total = pico.uncached + pico.cacheRead + pico.cacheWrite + pico.output;
  return { costNano: nanoFromPico(total), source: "price_book", pico };
};

/** The dearest rates that can apply to a request of at most so many input tokens, in pico-USD per token. */
export const maxRate = (row: PriceRow, inputTokens = Infinity): { input: bigint; output: bigint } => {
  let { input, output } = row.reserve;
  for (const table of [row.standard, ...row.services.values()]) {
    const reachable = table.tiers.filter((tier) => inputTokens > tier.above).map((tier) => tier.rates);
    for (const rates of [table.base, ...reachable]) {
      input = dearest(
        input,
        rates.cacheRead,
        rates.cacheWrite.unknown,
        rates.inputAudio,
        rates.inputImage,
        rates.cacheReadImage,
      );
      output = dearest(output, rates.output, rates.outputAudio, rates.outputImage);
    }
  }
  return { input, output };
};

/** The most a request of so many tokens can cost, in nano-USD: what is held before it is sent. Zero without a price. */
export const boundCost = (row: PriceRow | null, inputTokens: number, outputTokens: number): number => {
  if (!row) return 0;
  const rates = maxRate(row, inputTokens);
  return nanoFromPico(tokens(inputTokens) * rates.input + tokens(outputTokens) * rates.output);
};
