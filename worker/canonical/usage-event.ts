/**
 * One usage event: what is written to Postgres for a request. It exists from `admit` on; its first half (the draft) is
 * known then and is kept in the Ledger's journal, so that a crash still leaves a row that says who and what.
 */

/** How a request ended. `expired`: nobody settled it (the Worker died); the hold was charged. */
export type Outcome = "ok" | "provider_error" | "stream_error" | "client_gone" | "timeout" | "expired";

/** One attempt of a request at a target, or a target that was passed over. */
export interface AttemptRecord {
  provider: string;
  /** As it is sent upstream. */
  model: string;
  /** The operator's name of the credential; null: the provider's default one. */
  credential: string | null;
  /** `answered`: its answer went to the client; `failed`: something else did; `skipped`: it was not asked. */
  outcome: "answered" | "failed" | "skipped";
  /** Why it failed or was passed over, in a stable word; null when it answered. */
  reason: string | null;
  /** The provider's HTTP status; null when none came. */
  status: number | null;
  /** Milliseconds from the request's arrival to the attempt's beginning. */
  startMs: number;
  durationMs: number;
  /** Nano-USD. */
  costNano: number;
}

/** What is known before anything is sent upstream. */
export interface EventDraft {
  /** ULID made by the gateway; also the `x-request-id` of the answer. Its time part decides the partition. */
  eventId: string;
  rootId: string;
  organizationId: string;
  keyId: string;
  sessionId: string | null;
  agentId: string | null;
  /** Client program, from the user agent, e.g. `openai-js/7.57.0`. */
  client: string | null;
  endUser: string | null;
  tags: Record<string, string>;
  /** The client's dialect (wire format), e.g. `anthropic-messages`. */
  dialect: string;
  /** What was asked of it: `generate`, `count_tokens`, `embed`. */
  operation: string;
  provider: string;
  /** The provider is the simulator standing in for it. */
  simulated: boolean;
  /** The model as the client named it. */
  requestedModel: string;
  /** The model as it was sent upstream. */
  upstreamModel: string;
  streamed: boolean;
  /** Price version the request is rated by; null when the model has no price. */
  priceVersion: string | null;
  /** The route that named the target; null: the client did. */
  routeId: string | null;
  /** What it used that not every model has, in stable words; told of routes only, and left out where it was nothing. */
  uses?: string[] | null | undefined;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** What is known at the end. */
export interface EventResult {
  outcome: Outcome;
  /** HTTP status the client got; 499 (client gone) and 504 (timeout, expired) stand in the row only. */
  status: number;
  /** Our error code when the request failed, else null. */
  errorCode: string | null;
  attempts: number;
  /** Each attempt, and each target passed over, in their order; null where there was one attempt, by a default credential. */
  tries: AttemptRecord[] | null;
  /** The part of `costNano` that attempts cost whose answers nobody got; rating anew keeps it. */
  failedCostNano: number;
  /** Canonical stop reason, null when none was seen. */
  stopReason: string | null;
  inputUncached: number;
  cacheRead: number;
  cacheWrite: number;
  /** Inclusive of reasoning. */
  output: number;
  reasoning: number;
  /** The provider's usage object, null when it gave none. */
  rawUsage: unknown;
  /** True when the tokens are the provider's own figures. */
  exact: boolean;
  /**
   * Nano-USD: what limits and statistics count. The provider's own charge where it tells one, else the price book's; and
   * `failedCostNano`.
   */
  costNano: number;
  /** What the answer costs by the price book; null for a model without a price. */
  listCostNano: number | null;
  /** What the provider itself says it charged for the answer (OpenRouter); null where it says nothing. */
  providerCostNano: number | null;
  /** The output cap that was sent where the client sent another, or none. */
  outputCap: number | null;
  /** Milliseconds from the request's arrival to the provider's first body byte, null when none came. */
  ttftMs: number | null;
  durationMs: number;
  upstreamRequestId: string | null;
  /** The wire format the provider was spoken to in: the client's own unless translated. Null when nobody told. */
  upstreamDialect: string | null;
  /** What translation could not keep, as `code@path`. */
  warnings: string[];
  /** The model the provider says served, when it says so. */
  servedModel: string | null;
  /** The price version of the served model, where the requested one is an alias without a price of its own. */
  priceVersion?: string | null;
  /** Milliseconds since the epoch. */
  settledAt: number;
}

/** A row of `usage_events`. `rev` 0 is the final row; a higher `rev` is a signed correction of the ones below. */
export interface UsageEvent extends EventDraft, EventResult {
  priceVersion: string | null;
  rev: number;
  /** What was held for it at most, in nano-USD; a cost above it is a bound that did not hold. Zero in a correction. */
  heldNano: number;
}
