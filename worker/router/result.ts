import { noUsage, type Usage } from "../canonical/usage.ts";
import type { EventResult, Outcome } from "../canonical/usage-event.ts";
import { rate } from "../catalog/cost.ts";
import type { PriceRow } from "../catalog/prices.ts";
import type { AnswerFacts } from "../dialects/dialect.ts";
import { parseRewritable } from "../lib/json.ts";

/** What the request's walk knows at its end, whatever the end was. */
export interface Ending {
  outcome: Outcome;
  status: number;
  errorCode: string | null;
  attempts: number;
  facts: AnswerFacts;
  /** What was counted by us, for an answer without the provider's figures. */
  observed: { inputTokens: number; outputCharacters: number };
  /** What is held of output: what was counted by us never comes to more. */
  mostOutputTokens: number;
  /** The provider had begun to work on it, so that it may bill even without telling usage. */
  sent: boolean;
  /** The service asked for, by which it is charged where the provider does not say what it billed. */
  service: string | null;
  /** The price the request was admitted under; null for a model without one. */
  price: PriceRow | null;
  /** The price of the model that the provider says has served: an alias has none of its own. */
  priceOf(servedModel: string): PriceRow | null;
  startedAt: number;
  firstByteAt: number | null;
  endedAt: number;
  upstreamRequestId: string | null;
  upstreamDialect: string | null;
  warnings: string[];
  /** The output cap that was sent, where it was not the client's own. */
  outputCap: number | null;
}

/** English text has about four characters a token. */
const CHARACTERS_PER_TOKEN = 4;

/** No model reads or writes as much; larger figures are a provider's mistake and would poison every sum. */
const PLAUSIBLE = 100_000_000;

const plausible = (usage: Usage): boolean => usage.input.total <= PLAUSIBLE && usage.output.total <= PLAUSIBLE;

/**
 * Tokens as counted by us, for what was cut short or told nothing and may be billed: all of the prompt, and never less of
 * the answer than was seen to pass. What is held bounds it: the JSON around a short answer is no part of it.
 */
function estimated(ending: Ending): Usage {
  const usage: Usage = { ...noUsage(), ...(ending.service === null ? {} : { serviceTier: ending.service }) };
  if (!ending.sent) return usage;
  const known = ending.facts.usage;
  const seen = Math.ceil(ending.observed.outputCharacters / CHARACTERS_PER_TOKEN);
  const output = Math.min(seen, ending.mostOutputTokens);
  if (known !== null && plausible(known)) {
    // An unfinished stream that told its input at the beginning (Anthropic, Gemini): exact in, counted out.
    const serviceTier = known.serviceTier ?? usage.serviceTier;
    return {
      ...known,
      ...(serviceTier === undefined ? {} : { serviceTier }),
      output: { ...known.output, total: Math.max(known.output.total, output) },
      estimated: true,
    };
  }
  usage.input.total = ending.observed.inputTokens;
  usage.input.uncached = ending.observed.inputTokens;
  usage.output.total = output;
  return usage;
}

/** Whether the usage read is the final one: the stream told its end, or the answer was whole. */
function usageOf(ending: Ending): Usage {
  const { usage, terminal } = ending.facts;
  const isFinal = usage !== null && usage.estimated !== true && (terminal || ending.outcome === "ok");
  if (isFinal && plausible(usage)) return usage;
  return estimated(ending);
}

/** No provider's name or code is longer; whatever it is, it must fit into a row. */
const LONGEST_WORD = 200;

const bounded = (word: string | null): string | null => word?.slice(0, LONGEST_WORD) ?? null;

/** More than any provider tells; what is longer would weigh on the way to the books, where it is not kept either. */
const LONGEST_RAW = 65_536;

/** The provider's own figures; null where they nest deeper than they can be handed on, or are longer than they are kept. */
function writable(raw: unknown): unknown {
  const text = raw === undefined ? "null" : written(raw);
  return text.length > LONGEST_RAW ? null : (parseRewritable(text) ?? null);
}

function written(raw: unknown): string {
  try {
    return JSON.stringify(raw);
  } catch {
    return "null";
  }
}

/** What is charged, and both figures it is chosen from. */
function costOf(
  price: PriceRow | null,
  usage: Usage,
): Pick<EventResult, "costNano" | "listCostNano" | "providerCostNano"> {
  const { providerCostNano = null, ...counted } = usage;
  const list = rate(price, counted);
  const listCostNano = list.source === "unpriced" ? null : list.costNano;
  return { costNano: providerCostNano ?? list.costNano, listCostNano, providerCostNano };
}

/** The second half of the usage event: tokens in four disjoint buckets, and what they cost. */
export function resultOf(ending: Ending): EventResult {
  const usage = usageOf(ending);
  const { servedModel } = ending.facts;
  const served = ending.price === null && servedModel !== null ? ending.priceOf(servedModel) : null;
  return {
    outcome: ending.outcome,
    status: ending.status,
    errorCode: bounded(ending.errorCode),
    attempts: ending.attempts,
    ...{ tries: null, failedCostNano: 0 },
    stopReason: ending.facts.stopReason,
    inputUncached: usage.input.uncached,
    cacheRead: usage.input.cacheRead,
    cacheWrite: usage.input.cacheWrite,
    output: usage.output.total,
    reasoning: usage.output.reasoning ?? 0,
    rawUsage: writable(usage.raw ?? ending.facts.usage?.raw),
    exact: usage.estimated !== true,
    ...costOf(ending.price ?? served, usage),
    outputCap: ending.outputCap,
    ttftMs: ending.firstByteAt === null ? null : Math.max(0, ending.firstByteAt - ending.startedAt),
    durationMs: Math.max(0, ending.endedAt - ending.startedAt),
    upstreamRequestId: bounded(ending.upstreamRequestId),
    upstreamDialect: ending.upstreamDialect,
    warnings: ending.warnings,
    servedModel: bounded(servedModel),
    ...(served === null ? {} : { priceVersion: served.version }),
    settledAt: ending.endedAt,
  };
}
