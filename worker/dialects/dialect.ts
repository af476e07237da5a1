import type { StopReason } from "../canonical/stop-reason.ts";
import type { Usage } from "../canonical/usage.ts";
import type { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";

export type DialectId =
  | "openai-chat"
  | "openai-responses"
  | "anthropic-messages"
  | "google-generate-content"
  | "openai-embeddings";

export type Operation = "generate" | "count_tokens" | "embed";

/** What the endpoint knows about a request before its body is read. */
export interface RequestContext {
  operation: Operation;
  /** From the path (Gemini); undefined where the body says it. */
  stream?: boolean;
}

/** What the gateway needs to know of a request; everything else in the body passes through unread. */
export interface RequestFacts {
  stream: boolean;
  /** The client asked to see the usage of its stream (Chat: `stream_options.include_usage`; the others always do). */
  wantsUsage: boolean;
  /** The client's own cap on output tokens, null when it set none. */
  outputCap: number | null;
  /** How many answers were asked for (`n`, `candidateCount`). */
  candidates: number;
  /** The answer may hold images or audio, so it may be far larger than text. */
  media: boolean;
  endUser: string | null;
  /** A conversation's name that the body carries (`prompt_cache_key`, `session_id`). */
  session: string | null;
}

/** What the gateway reads out of an answer while it passes. */
export interface AnswerFacts {
  usage: Usage | null;
  stopReason: StopReason | null;
  servedModel: string | null;
  /** The dialect's own end of stream was seen. */
  terminal: boolean;
  /** Machine code or type of an error inside the stream, null when there was none. */
  error: string | null;
}

export const noAnswer = (): AnswerFacts => ({
  usage: null,
  stopReason: null,
  servedModel: null,
  terminal: false,
  error: null,
});

/** A response envelope for an error of ours: body and the headers that belong to the dialect. */
export interface ErrorEnvelope {
  body: JsonObject;
  headers: Record<string, string>;
}

/**
 * A wire format. Pure functions over text and JSON; it knows no vendor, URL, key, clock or network. `Usage` figures read
 * here are the provider's own; nothing is estimated except by `observedText`.
 */
export interface Dialect {
  id: DialectId;
  /** Checks what the gateway reads; throws a GatewayError that names the field. */
  readRequest(body: JsonObject, context: RequestContext): RequestFacts;
  /** A whole (non-streaming) answer. */
  readAnswer(body: unknown, context: RequestContext): AnswerFacts;
  /** Feeds one event's data into the facts read so far. */
  step(facts: AnswerFacts, data: string): AnswerFacts;
  /** Characters of text, reasoning and arguments in one event: what an unfinished stream is estimated from. */
  observedText(data: string): number;
  /** An error before the answer has begun. */
  encodeError(error: GatewayError, requestId: string): ErrorEnvelope;
  /** An error inside a stream that has begun: the bytes that end it. */
  encodeStreamError(error: GatewayError, requestId: string): string;
}
