import type { RequestFeatures, ServerToolKind } from "../canonical/request-features.ts";
import { type CacheLife, type DearestRates, dearestRates } from "../catalog/dearest-rates.ts";
import type { FeeName, Fees } from "../catalog/fees.ts";
import type { CatalogModel } from "../catalog/models.ts";
import { isDearerService, type PriceRow } from "../catalog/prices.ts";
import type { ProviderId } from "../providers/provider.ts";
import { type InputBound, type InputKind, mostCalls } from "./bound-input.ts";

/**
 * Which lives a written cache can have. Where a cache is kept on request alone, only what was asked for; where by itself,
 * OpenAI's half hour as well; where nobody knows, the dearest.
 */
function writesOf({ cacheWrites }: RequestFeatures, model: CatalogModel | null): CacheLife[] {
  switch (model?.capabilities?.promptCaching) {
    case "none":
      return [];
    case "explicit":
      return cacheWrites;
    case "implicit":
    case "both":
      return ["30m", ...cacheWrites];
    default:
      return ["unknown"];
  }
}

/** The rates that a request of so many input tokens can meet at most. */
export const ratesOf = (
  price: PriceRow,
  features: RequestFeatures,
  model: CatalogModel | null,
  inputTokens: number,
): DearestRates =>
  dearestRates(price, { inputTokens, service: features.service?.word ?? null, writes: writesOf(features, model) });

/** A service that costs more, at a price that nobody tells: where it stands in the client's body; else null. */
export function unpricedService({ service }: RequestFeatures, price: PriceRow, provider: ProviderId): string | null {
  if (service === null || price.services.has(service.word) || !isDearerService(provider, service.word)) return null;
  return service.path;
}

/** One call's tokens at most. */
function callTokens(tokens: Record<InputKind, number>, window: number | null): number {
  const sum = Object.values(tokens).reduce((total, some) => total + some, 0);
  return Math.min(sum, window ?? Number.POSITIVE_INFINITY);
}

/** What they cost: of what does not fit into the window, the dearest is read first. */
function callPico(tokens: Record<InputKind, number>, window: number | null, rates: DearestRates): bigint {
  const kinds = (Object.keys(tokens) as InputKind[]).sort((a, b) => (rates.input[b] > rates.input[a] ? 1 : -1));
  let left = callTokens(tokens, window);
  let pico = 0n;
  for (const kind of kinds) {
    const some = Math.min(tokens[kind], left);
    left -= some;
    pico += BigInt(some) * rates.input[kind];
  }
  return pico;
}

/** What is read in a later call of the model: all of the first, and as much as the tools have found. */
const later = ({ tokens }: InputBound, window: number): Record<InputKind, number> => ({ ...tokens, text: window });

/** Input tokens of all calls together. */
export const inputTokens = (input: InputBound, window: number | null): number =>
  callTokens(input.tokens, window) + (window === null ? 0 : input.moreCalls * window);

/** What they cost, in pico-USD. */
export function inputPico(input: InputBound, window: number | null, rates: DearestRates): bigint {
  const first = callPico(input.tokens, window, rates);
  if (window === null || input.moreCalls === 0) return first;
  return first + BigInt(input.moreCalls) * callPico(later(input, window), window, rates);
}

/** The fee of each call of a server tool; null: none, beyond the tokens. */
const FEES: Record<ServerToolKind, FeeName | null> = {
  web_search: "webSearch",
  web_fetch: "webFetch",
  code_execution: "codeSession",
  file_search: "fileSearch",
  image_generation: "imageGeneration",
  tool_search: null,
  compaction: null,
  other: null,
};

/** Fees of a request in pico-USD, or the tool whose fee is not known. */
export function feesPico(features: RequestFeatures, fees: Fees): { pico: bigint } | { unboundedBy: string } {
  // A request that has searched the web is charged this once, however often it has, and beside the fee of each search.
  const grounded = features.serverTools.some(({ kind }) => kind === "web_search") ? fees.groundedRequest : undefined;
  let pico = (fees.request ?? 0n) + (grounded ?? 0n);
  for (const tool of features.serverTools) {
    const name = FEES[tool.kind];
    if (name === null) continue;
    const each = fees[name] ?? (name === "webSearch" && fees.groundedRequest !== undefined ? 0n : undefined);
    if (each === undefined) return { unboundedBy: tool.path };
    pico += BigInt(mostCalls(features, tool)) * each;
  }
  return { pico };
}
