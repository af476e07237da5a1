import { nanoFromPico } from "../../catalog/cost.ts";
import { listModels } from "../../catalog/models.ts";
import type { CachedTokens } from "../../usage/stats/cached-tokens.ts";
import type { Period } from "../../usage/stats/tiles.ts";
import type { PriceBook, PricedTree } from "../rerate/price-book.ts";
import { exact, money } from "./stats-bodies.ts";

/** The moments within a period at which a price of a tenant's book begins or ends, ascending. */
export function priceChanges({ prices }: PricedTree, { from, to }: Period): number[] {
  const shipped = listModels().flatMap(({ prices: records }) =>
    records.flatMap((record) => [record.from, record.until]),
  );
  const moments = [
    ...prices.flatMap((price) => [price.from, price.until]),
    ...shipped.map((day) => (day === undefined ? null : Date.parse(day))),
  ].filter((at) => at !== null && at > from && at < to) as number[];
  return [...new Set(moments)].sort((a, b) => a - b);
}

/**
 * What prompt caching saved at least, by list prices: what tokens that were read from caches would have cost as new ones,
 * less what they did, less what writing cost above new ones. By the standard rates, without the steps for long requests;
 * writes count as of the dearest life, since sums do not tell lives.
 */
export function cacheSavings(
  book: PriceBook,
  cached: readonly CachedTokens[],
  changes: readonly number[],
  period: Period,
) {
  const saved = { read: 0n, write: 0n, unpriced: 0n };
  for (const { organization_id: organizationId, provider, model, epoch, ...tokens } of cached) {
    const [read, write] = [BigInt(tokens.cache_read), BigInt(tokens.cache_write)];
    const startedAt = new Date(epoch === 0 ? period.from : (changes[epoch - 1] ?? period.from));
    const price = book.priceFor({ organizationId, provider, upstreamModel: model, servedModel: null, startedAt });
    if (price === null) {
      saved.unpriced += read + write;
      continue;
    }
    const { input, cacheRead, cacheWrite } = price.standard.base;
    saved.read += read * (input - cacheRead);
    saved.write += write * (cacheWrite.unknown - input);
  }
  const [read, write] = [BigInt(nanoFromPico(saved.read)), BigInt(nanoFromPico(saved.write))];
  return {
    ...money("saved", read - write),
    ...money("reads_saved", read),
    ...money("writes_cost", write),
    /** Cached tokens of models without a price, which are left out. */
    unpriced_tokens: exact(saved.unpriced),
  };
}
