import type { CanonicalAnswer } from "../canonical/answer.ts";
import type { ChatDialectId, DialectId } from "../canonical/dialect-id.ts";
import type { Losses } from "../canonical/losses.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { RequestFeatures } from "../canonical/request-features.ts";
import type { StopReason } from "../canonical/stop-reason.ts";
import type { StreamEvent, UpstreamFailure } from "../canonical/stream-event.ts";
import type { TargetModel } from "../canonical/target-model.ts";
import type { Usage } from "../canonical/usage.ts";
import type { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Portability } from "./portability.ts";
import type { ClientTool } from "./tool-names.ts";

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
  /** Functions are offered and reasoning is not switched off: some models take both at one endpoint only. */
  toolsWithReasoning: boolean;
}

/** What the gateway reads out of an answer while it passes. */
export interface AnswerFacts {
  usage: Usage | null;
  stopReason: StopReason | null;
  servedModel: string | null;
  /** The answer was told to its end, by whatever ends one in the dialect. */
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
  /** The dialect's own status for it, where that differs from the error's. */
  status?: number;
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
  /** What a request's cost can depend on beside its text. Reads and never refuses. */
  requestFeatures(body: JsonObject, operation: Operation): RequestFeatures;
  /** A whole (non-streaming) answer. */
  readAnswer(body: unknown, context: RequestContext): AnswerFacts;
  /** Feeds one event's data into the facts read so far. */
  step(facts: AnswerFacts, data: string): AnswerFacts;
  /** Characters of text, reasoning and arguments in one event: what an unfinished stream is estimated from. */
  observedText(data: string): number;
  /** An error before the answer has begun. */
  encodeError(error: GatewayError, requestId: string): ErrorEnvelope;
  /** An error inside a stream that has begun: the bytes that end it. `array` where the stream is one JSON array (Gemini). */
  encodeStreamError(error: GatewayError, requestId: string, array?: { begun: boolean }): string;
}

/** A request as it goes to a provider, and what its answer needs to be changed back. */
export interface EncodedRequest {
  body: JsonObject;
  /** Request headers that belong to what was written (`anthropic-beta`). */
  headers?: Record<string, string>;
  /** Tools whose calls have another name or form at the provider, by the name there. */
  tools: ReadonlyMap<string, ClientTool> | null;
  /** The answer's only text comes as the arguments of this tool, which stands for a schema. */
  jsonTool?: string;
}

/** A whole answer as its dialect's decoder reads it: a failure may stand in a 200. */
export interface DecodedAnswer {
  answer: CanonicalAnswer;
  failure: UpstreamFailure | null;
}

/** What an encoder of answers knows beside the answer. */
export interface AnswerContext {
  /** The gateway's id of the request: ids of the client's own style are made from it. */
  id: string;
  /** Seconds since the epoch. */
  createdAt: number;
  /** The model as the client named it. */
  model: string;
  /** The client's request: some dialects repeat its settings, or answer in a form it chose. */
  body: JsonObject;
  /** How a stream is framed; Gemini's may be one JSON array. */
  framing: "sse" | "json-array";
  /** What the client's dialect cannot show is named here. */
  losses: Losses;
}

/** Reads a provider's stream event by event. `State` belongs to one stream and is changed in place. */
export interface StreamDecoder<State> {
  initial(): State;
  /** `event.data` is one event's text. Returns what it says, in order. */
  step(state: State, event: SseEvent): StreamEvent[];
  /** The connection has ended: what is still open is closed, or the stream was cut off. */
  end(state: State): StreamEvent[];
}

/** Writes a client's stream event by event. Returns text to be sent as it is, "" for nothing. */
export interface StreamEncoder<State> {
  initial(context: AnswerContext): State;
  step(state: State, event: StreamEvent): string;
  /** After the last event: the dialect's own end. */
  end(state: State): string;
  /** Instead of an end: the dialect's form of an error inside a stream. */
  fail(state: State, error: GatewayError): string;
}

/** A decoder with its state, for callers that do not know the state's type. */
export interface RunningDecoder {
  step(event: SseEvent): StreamEvent[];
  end(): StreamEvent[];
}

/** An encoder with its state. */
export interface RunningEncoder {
  step(event: StreamEvent): string;
  end(): string;
  fail(error: GatewayError): string;
}

export function runDecoder<State>(decoder: StreamDecoder<State>): RunningDecoder {
  const state = decoder.initial();
  return { step: (event) => decoder.step(state, event), end: () => decoder.end(state) };
}

export function runEncoder<State>(encoder: StreamEncoder<State>, context: AnswerContext): RunningEncoder {
  const state = encoder.initial(context);
  return {
    step: (event) => encoder.step(state, event),
    end: () => encoder.end(state),
    fail: (error) => encoder.fail(state, error),
  };
}

/** A wire format that conversations are translated to and from: one decoder and one encoder for each direction. */
export interface ChatDialect extends Dialect {
  id: ChatDialectId;
  /** Fields that only this dialect has, and what becomes of them elsewhere. */
  portability: Portability;
  /** Throws a GatewayError for what is no request of this dialect. `model` and `stream` may stand in the path. */
  decodeRequest(body: JsonObject, named: { model: string; stream: boolean }): CanonicalRequest;
  /** Throws for what the target cannot be asked; names what it cannot be told. Pure: equal in, equal bytes out. */
  encodeRequest(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest;
  decodeAnswer(body: unknown): DecodedAnswer;
  encodeAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject;
  startDecoder(): RunningDecoder;
  startEncoder(context: AnswerContext): RunningEncoder;
  /** What may stand before and between a stream's events and says nothing to any client, so that a connection is kept. */
  keepAlive: string;
  /** An answer with an error status. `body` is its JSON, or undefined when it is none. */
  decodeFailure(status: number, headers: Headers, body: unknown): UpstreamFailure;
  /** A token count's request from that of an answer, and its answer. */
  countRequest(encoded: JsonObject, model: string): JsonObject;
  decodeTokenCount(body: unknown): number | null;
  encodeTokenCount(tokens: number): JsonObject;
}
