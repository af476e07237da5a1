import type { EventResult } from "../canonical/usage-event.ts";
import type { LogEntry } from "../lib/log.ts";
import type { KnownFacts } from "./attributes.ts";

/** How an answered request ended, in the part that a span tells. */
export type SpanEnding = Pick<
  EventResult,
  | "outcome"
  | "status"
  | "errorCode"
  | "attempts"
  | "stopReason"
  | "inputUncached"
  | "cacheRead"
  | "cacheWrite"
  | "output"
  | "reasoning"
  | "costNano"
  | "ttftMs"
  | "servedModel"
  | "durationMs"
  | "settledAt"
>;

/** What an attempt is known by when it begins. */
export interface AttemptStart {
  /** `generate`, `count_tokens` or `embed`. */
  operation: string;
  /** The wire format that the provider is spoken to in. */
  dialect: string;
  /** Our name of the provider. */
  provider: string;
  /** As it is sent upstream. */
  model: string;
  simulated: boolean;
  streamed: boolean;
  baseUrl: string;
}

/** One request, seen from outside. Whatever ends it first counts; what comes later does nothing. */
export interface RequestSpan {
  /** Adds what has become known. */
  note(facts: Pick<KnownFacts, "keyId" | "rootId" | "organizationId" | "routeId" | "model" | "streamed">): void;
  /** A call to a provider begins. */
  attempt(start: AttemptStart): AttemptSpan;
  /** Nothing was settled: the request was refused, or failed before it was admitted. */
  refused(status: number, code: string): void;
  /** The request was settled; the attempt that was under way gave the answer, or what there was of it. */
  settled(ending: SpanEnding): void;
  /** Writes a line of the log that belongs to this request. */
  log(entry: LogEntry): void;
}

/** One call to a provider. It ends with its failure, or else with its request. */
export interface AttemptSpan {
  /** W3C Trace Context for the provider; null where it is to be told nothing. */
  readonly traceparent: string | null;
  /** The answer's headers are here. */
  responded(status: number): void;
  /** It failed, and its answer goes to nobody. `status`: the provider's, where one came. */
  failed(reason: string, status: number | null): void;
}

/** Where no receiver is configured. */
export const NO_ATTEMPT: AttemptSpan = { traceparent: null, responded() {}, failed() {} };
