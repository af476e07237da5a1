import type { EventDraft, EventResult } from "../canonical/usage-event.ts";
import type { Bound } from "./contract.ts";

/** What is counted and limited. Tokens, and nano-USD; integers, negative only in a correction. */
export interface Amount {
  requests: number;
  /** Uncached, cache read and cache write together. */
  inputTokens: number;
  outputTokens: number;
  costNano: number;
}

/** The fields of an amount. */
export const METRICS = ["requests", "inputTokens", "outputTokens", "costNano"] as const;

export const nothing = (): Amount => ({ requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 });

/**
 * Adds `factor` times `amount` to `sum`. A sum that would leave the safe integers (9 million USD in nano-USD) stays at
 * the edge: a tenant that has reached it must still settle, and Postgres keeps the exact figure. Returns false then.
 */
export function add(sum: Amount, amount: Amount, factor: 1 | -1 = 1): boolean {
  let exact = true;
  for (const metric of METRICS) {
    const value = sum[metric] + factor * amount[metric];
    if (Number.isSafeInteger(value)) sum[metric] = value;
    else {
      sum[metric] = Math.sign(value) * Number.MAX_SAFE_INTEGER;
      exact = false;
    }
  }
  return exact;
}

export const amountOfBound = (bound: Bound): Amount => ({
  requests: 1,
  inputTokens: bound.inputTokens,
  outputTokens: bound.outputTokens,
  costNano: bound.costNano,
});

/** What a result counts for; a correction (rev 1) is no further request. */
export const amountOfResult = (result: EventResult, requests: 0 | 1): Amount => ({
  requests,
  inputTokens: result.inputUncached + result.cacheRead + result.cacheWrite,
  outputTokens: result.output,
  costNano: result.costNano,
});

const COUNTED = [
  "attempts",
  "inputUncached",
  "cacheRead",
  "cacheWrite",
  "output",
  "reasoning",
  "costNano",
  "failedCostNano",
  "durationMs",
] as const satisfies readonly (keyof EventResult)[];

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

export const isBound = (bound: Bound): boolean =>
  isCount(bound.inputTokens) && isCount(bound.outputTokens) && isCount(bound.costNano);

/** Isolates and journals of before further attempts were made tell nothing of failed ones. */
const countOf = (result: EventResult, field: (typeof COUNTED)[number]): number =>
  field === "failedCostNano" ? (result.failedCostNano ?? 0) : result[field];

export const isResult = (result: EventResult): boolean => COUNTED.every((field) => isCount(countOf(result, field)));

/** The result of a request nobody settled: the whole hold is charged until a late settle corrects it. */
export function expiredResult(draft: Pick<EventDraft, "startedAt">, bound: Bound, now: number): EventResult {
  return {
    outcome: "expired",
    tries: null,
    failedCostNano: 0,
    status: 504,
    errorCode: null,
    attempts: 1,
    stopReason: null,
    inputUncached: bound.inputTokens,
    cacheRead: 0,
    cacheWrite: 0,
    output: bound.outputTokens,
    reasoning: 0,
    rawUsage: null,
    exact: false,
    costNano: bound.costNano,
    // The bound is the price book's, and nothing where it has no price.
    listCostNano: bound.costNano === 0 ? null : bound.costNano,
    providerCostNano: null,
    outputCap: null,
    ttftMs: null,
    durationMs: Math.max(0, now - draft.startedAt),
    upstreamRequestId: null,
    upstreamDialect: null,
    warnings: [],
    servedModel: null,
    settledAt: now,
  };
}

/**
 * The signed correction that turns what was charged into what was used: counted fields hold the difference, so that the
 * revisions of an event sum to its final figures; everything else is the late result's own.
 */
export function correctionOf(charged: EventResult, actual: EventResult): EventResult {
  const correction = { ...actual };
  for (const field of COUNTED) correction[field] = countOf(actual, field) - countOf(charged, field);
  for (const field of TOLD) correction[field] = differenceOf(actual[field], charged[field]);
  return correction;
}

/** Figures that may be unknown, and sum over the revisions that know them. */
const TOLD = ["listCostNano", "providerCostNano"] as const satisfies readonly (keyof EventResult)[];

const differenceOf = (actual: number | null, charged: number | null): number | null =>
  actual === null && charged === null ? null : (actual ?? 0) - (charged ?? 0);
