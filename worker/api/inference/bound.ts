import type { RequestFeatures } from "../../canonical/request-features.ts";
import { nanoFromPico } from "../../catalog/cost.ts";
import type { DearestRates } from "../../catalog/dearest-rates.ts";
import type { CatalogModel } from "../../catalog/models.ts";
import { type PriceRow, priceAt } from "../../catalog/prices.ts";
import type { Operation, RequestFacts } from "../../dialects/dialect.ts";
import type { Bound, OutputTerms } from "../../ledger/contract.ts";
import type { Provider } from "../../providers/provider.ts";
import { feesPico, inputPico, inputTokens, ratesOf, unpricedService } from "../../router/bound-cost.ts";
import { type InputBound, inputBound } from "../../router/bound-input.ts";
import type { CountedPrefix } from "../../router/counted-prompts.ts";

/** What an output cap is taken to be where neither the client nor the catalogue names one. */
const DEFAULT_OUTPUT_CAP = 32_000;

/** No model writes more, and nobody gives more answers; what is above would weigh on every sum. */
const MOST_OUTPUT = 10_000_000;
const MOST_ANSWERS = 1_000;

/** OpenAI refuses a smaller `max_output_tokens`. */
const LEAST_AT_OPENAI = 16;

export const priceFor = (model: CatalogModel | null, at: number): PriceRow | null =>
  model === null ? null : priceAt(model, at);

export interface Bounded {
  operation: Operation;
  facts: Pick<RequestFacts, "outputCap" | "candidates">;
  features: RequestFeatures;
  provider: Provider;
  /** As it is sent. */
  upstreamModel: string;
  model: CatalogModel | null;
  price: PriceRow | null;
  /** Of the request's body. */
  bytes: number;
  /** What the provider has counted of the prompt before. */
  counted: CountedPrefix | null;
}

/** What the Ledger is told of a request before it is sent. */
export interface Bounds {
  bound: Bound;
  output: OutputTerms | null;
  /** Where in the client's body stands what no bound can be told for; null when `bound` is one. */
  unboundedBy: string | null;
}

/** The most a request can use, which the Ledger holds until it is settled. */
export function boundOf(request: Bounded): Bounds {
  switch (request.operation) {
    case "count_tokens":
      // Counting is free, and stays so when nobody is left to settle it.
      return { bound: { inputTokens: 0, outputTokens: 0, costNano: 0 }, output: null, unboundedBy: null };
    case "embed":
      return boundOfEmbeddings(request);
    case "generate":
      return boundOfAnswer(request);
  }
}

function boundOfEmbeddings(request: Bounded): Bounds {
  const { features, model, price } = request;
  const { window, ...input } = inputOf(request);
  // Each input has a window of its own, of which only what is no text can fill the whole.
  const tokens = inputTokens(input, null);
  const rates = price === null ? null : ratesOf(price, features, model, tokens);
  const pico = (rates === null ? 0n : inputPico(input, null, rates)) + (price?.fees.request ?? 0n);
  return {
    bound: { inputTokens: tokens, outputTokens: 0, costNano: nanoFromPico(pico) },
    output: null,
    unboundedBy: input.unboundedBy ?? unpriced(request),
  };
}

function boundOfAnswer(request: Bounded): Bounds {
  const { features, model, price } = request;
  const { window, ...input } = inputOf(request);
  const tokens = inputTokens(input, window);
  const rates = price === null ? null : ratesOf(price, features, model, tokens);
  const output = outputOf(request, rates, input.moreCalls);
  const outputTokens = (output.assumed + features.predicted) * output.candidates;
  const fees = price === null ? { pico: 0n } : feesPico(features, price.fees);
  const pico =
    (rates === null ? 0n : inputPico(input, window, rates)) +
    BigInt(outputTokens) * BigInt(output.picoEach) +
    ("pico" in fees ? fees.pico : 0n);
  return {
    bound: { inputTokens: tokens, outputTokens, costNano: nanoFromPico(pico) },
    output,
    unboundedBy: input.unboundedBy ?? ("unboundedBy" in fees ? fees.unboundedBy : null) ?? unpriced(request),
  };
}

function inputOf({ model, ...request }: Bounded): InputBound & { window: number | null } {
  const window = model?.contextWindow ?? null;
  return { ...inputBound({ ...request, window }), window };
}

const unpriced = ({ features, price, provider }: Bounded): string | null =>
  price === null ? null : unpricedService(features, price, provider.id);

/**
 * Reasoning is within the cap at every vendor (`max_completion_tokens`, `max_output_tokens`, `max_tokens` and
 * `maxOutputTokens` all say so). Anthropic does not say that its cap spans the calls of a server tool.
 */
function outputOf(request: Bounded, rates: DearestRates | null, moreCalls: number): OutputTerms {
  const { facts, features, model, provider } = request;
  const calls = provider.id === "anthropic" ? 1 + moreCalls : 1;
  // Zero is no answer at Anthropic, where it warms a cache; to Google it is no cap, and elsewhere refused.
  const requested = facts.outputCap === 0 && features.dialect !== "anthropic-messages" ? null : facts.outputCap;
  return {
    requested: requested === null ? null : Math.min(requested, MOST_OUTPUT),
    assumed: Math.min(requested ?? model?.maxOutputTokens ?? DEFAULT_OUTPUT_CAP, MOST_OUTPUT),
    candidates: Math.min(Math.max(1, facts.candidates) * calls, MOST_ANSWERS),
    picoEach: rates === null ? 0 : Number(outputPico(rates, features.outputs ?? model?.outputModalities ?? null)),
    least: Math.max(provider.id === "openai" ? LEAST_AT_OPENAI : 1, (features.thinkingBudget ?? 0) + 1),
  };
}

/** The dearest kind of output that can come; of a model that nobody knows, any. */
function outputPico({ output }: DearestRates, kinds: readonly string[] | null): bigint {
  const each = (["text", "image", "audio"] as const)
    .filter((kind) => kind === "text" || kinds === null || kinds.includes(kind))
    .map((kind) => output[kind]);
  return each.reduce((a, b) => (b > a ? b : a), 0n);
}
