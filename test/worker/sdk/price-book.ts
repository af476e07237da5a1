import type { BookEntry } from "../../../local/simulator/books.ts";
import models from "../../../worker/catalog/models.json" with { type: "json" };

/**
 * What a request costs, worked out here from the catalogue's data file alone: decimal strings times tokens, as long
 * integers, so that the gateway's price book is held against another calculation.
 */

interface PriceRecord {
  from?: string;
  until?: string;
  rates: Record<string, string>;
}

/** `"0.075"` USD per million tokens is 75,000 millionths of a millionth of a dollar per token. */
const picoPerToken = (rate: string | undefined): bigint => {
  const [whole = "0", fraction = ""] = (rate ?? "0").split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
};

/** Nano-USD, from the provider's own statement where it makes one, else from the rates of today. */
export function bookCost(model: string, entry: BookEntry): number {
  if (entry.tokens === null) return 0;
  // OpenRouter states USD with ten decimals: tenths of a nano-USD.
  if (entry.cost !== null) return Math.ceil(Number(entry.cost.toFixed(10).replace(".", "")) / 10);
  const day = new Date(entry.startedAt).toISOString().slice(0, 10);
  const found = models.find((one) => `${one.provider}/${one.upstreamId}` === model);
  const prices = (found?.prices ?? []) as PriceRecord[];
  const price = prices.find(({ from, until }) => (from ?? "") <= day && (until === undefined || day < until));
  const { rates = {} } = price ?? {};
  const { inputUncached, cacheRead, cacheWrite, output } = entry.tokens;
  const writes = entry.usage as { cache_creation?: { ephemeral_1h_input_tokens?: number } } | null;
  const hour = writes?.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  // Resellers list Anthropic's shorter life alone; the longer costs twice the input.
  const hourly = rates.cacheWrite1h === undefined ? 2n * picoPerToken(rates.input) : picoPerToken(rates.cacheWrite1h);
  const pico =
    BigInt(inputUncached) * picoPerToken(rates.input) +
    BigInt(cacheRead) * picoPerToken(rates.cacheRead) +
    BigInt(hour) * hourly +
    BigInt(cacheWrite - hour) * picoPerToken(rates.cacheWrite5m ?? rates.cacheWrite30m) +
    BigInt(output) * picoPerToken(rates.output);
  return Number((pico + 999n) / 1000n);
}
