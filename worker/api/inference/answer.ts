import type { Dialect, RequestFacts } from "../../dialects/dialect.ts";
import { isUsageChunk } from "../../dialects/openai-chat/stream.ts";
import { GatewayError } from "../../errors.ts";
import { type JsonObject, parseJson } from "../../lib/json.ts";
import { usdFromNano } from "../../lib/money.ts";
import { factsOfTail, readBeginning, relayLong } from "../../router/long-answer.ts";
import { StreamMeter } from "../../router/meter.ts";
import { readWhole } from "../../router/read-whole.ts";
import { ENDED_EARLY, type Relayed, type RelayOptions, relayStream, type StreamEnd } from "../../router/relay.ts";
import { relayEdited } from "../../router/relay-edited.ts";
import type { Target } from "../../router/resolve.ts";
import { returnedHeaders } from "../../router/send.ts";
import type { AttemptTimeouts } from "../../router/timeouts.ts";
import type { AppContext } from "../context.ts";
import type { Exchange } from "./exchange.ts";
import type { InferenceCall } from "./infer.ts";
import type { Plan } from "./plan.ts";
import { tellStory, toldError } from "./story.ts";

export interface Answering {
  c: AppContext;
  call: InferenceCall;
  /** The client's. */
  dialect: Dialect;
  facts: RequestFacts;
  target: Target;
  exchange: Exchange;
  /** Aborts the upstream call. */
  controller: AbortController;
  /** The client was seen to have left. */
  onClientGone(): void;
  response: Response;
  plan: Plan;
  /** The client's request. */
  body: JsonObject;
}

/** A whole answer longer than this is not kept in memory; no text answer comes near it. */
export const MAXIMUM_ANSWER = 20 * 1024 * 1024;

/** How long the provider may take. */
export const timeoutsOf = ({ c, target, facts }: Answering): AttemptTimeouts =>
  c.get("services").timeoutsFor(target.model, facts.stream, null);

/** The provider's headers worth passing on, and ours that tell the story. */
function answerHeaders(answering: Answering): Headers {
  const headers = returnedHeaders(answering.response.headers);
  tellStory(headers, answering);
  return headers;
}

/** The provider's answer as it comes: same dialect on both sides. A web page is no stream, whatever its status. */
export function answerRelayed(answering: Answering): Response | Promise<Response> {
  const { facts, response } = answering;
  const page = /\bhtml\b/i.test(response.headers.get("content-type") ?? "");
  return facts.stream && response.ok && !page ? answerStream(answering) : answerWhole(answering);
}

/** Why an answer could not be read to its end. */
export const brokenOff = ({ provider }: Target, cause: unknown): GatewayError =>
  cause instanceof GatewayError
    ? cause
    : new GatewayError("upstream_error", `${provider.id} broke off its answer. Try again.`, { cause });

/** The same, settled. */
export function unfinished({ exchange, target }: Answering, cause: unknown): GatewayError {
  const error = brokenOff(target, cause);
  exchange.settle(error.code === "upstream_timeout" ? "timeout" : "provider_error", error.status, error.code);
  return error;
}

/** A 200 that is no answer: a proxy's page, or JSON that breaks off. The SDKs would stumble over it, and not try again. */
export function unreadable(answering: Answering): GatewayError {
  const { exchange, response } = answering;
  exchange.settle("provider_error", 502, "malformed");
  const error = new GatewayError("upstream_error", "The provider's answer could not be read. Try again.");
  return toldError(error, answering, response.status);
}

/** Longer embeddings are not kept: those of two thousand texts can be a hundred megabytes. */
const MOST_KEPT_OF_EMBEDDINGS = 4 * 1024 * 1024;

/** A non-streaming answer, or a provider's error: read, metered, and handed on byte for byte. */
async function answerWhole(answering: Answering): Promise<Response> {
  const { c, call, dialect, exchange, controller, response, target } = answering;
  const embeds = call.operation === "embed" && response.ok;
  const services = c.get("services");
  const { idle } = timeoutsOf(answering);
  let bytes: Uint8Array | null;
  try {
    exchange.firstByteAt = services.now();
    if (response.body === null) bytes = new Uint8Array(0);
    else if (embeds) {
      const beginning = await readBeginning(response.body, MOST_KEPT_OF_EMBEDDINGS, idle, controller.signal);
      if (!("whole" in beginning)) return answerLong(answering, beginning);
      bytes = beginning.whole;
    } else bytes = await readWhole(response.body, MAXIMUM_ANSWER, idle, controller.signal);
  } catch (cause) {
    throw unfinished(answering, cause);
  }
  if (bytes === null) {
    exchange.settle("provider_error", 502, "upstream_error");
    throw new GatewayError("upstream_error", `${target.provider.id} sent an answer of more than 20 MB. Stream it.`);
  }
  const headers = answerHeaders(answering);
  const parsed = parseJson(new TextDecoder().decode(bytes));
  const facts = dialect.readAnswer(parsed, call);
  exchange.answer = () => facts;
  if (response.ok) {
    // Vectors are no output that anybody bills.
    exchange.observedCharacters = () => (embeds ? 0 : bytes.byteLength);
    if (parsed === undefined) throw unreadable(answering);
    const costNano = exchange.settle(facts.error === null ? "ok" : "provider_error", response.status, facts.error);
    if (costNano !== null) headers.set("x-gaia-cost", usdFromNano(costNano));
  } else {
    // An error is not billed, whatever it says.
    exchange.sent = false;
    exchange.settle("provider_error", response.status, facts.error ?? `http_${response.status}`);
  }
  return new Response(bytes, { status: response.status, headers });
}

/** Embeddings that are too long to be kept: handed on as they come, settled at their end. */
function answerLong(answering: Answering, beginning: Parameters<typeof relayLong>[0]): Response {
  const { c, call, dialect, exchange, controller, response } = answering;
  const { idle } = timeoutsOf(answering);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const readable = relayLong(beginning, idle, controller.signal, (end, tail) => {
    if (end === "finished") exchange.answer = () => factsOfTail(dialect, tail, call);
    settleStream(exchange, response.status, end);
    if (end === "client_gone") answering.onClientGone();
    resolve();
  });
  c.executionCtx.waitUntil(ended);
  return new Response(readable, { status: response.status, headers: answerHeaders(answering) });
}

/** Settles by how the stream ended and by what it said. */
export function settleStream(exchange: Exchange, status: number, end: StreamEnd): void {
  const { error, terminal, stopReason } = exchange.answer();
  if (end === "client_gone") exchange.settle("client_gone", 499);
  else if (end === "idle" || end === "overdue") exchange.settle("timeout", 504, "upstream_timeout");
  else if (error !== null) exchange.settle("stream_error", status, error);
  else if (end === "broken") exchange.settle("stream_error", status, "upstream_error");
  else if (terminal || stopReason !== null) exchange.settle("ok", status);
  else exchange.settle("stream_error", status, "upstream_truncated");
}

/** A streaming answer: relayed as it comes, metered beside, settled at its end or when the client leaves. */
function answerStream(answering: Answering): Response {
  const { c, dialect, exchange, controller, response, plan } = answering;
  const services = c.get("services");
  const headers = answerHeaders(answering);
  headers.set("cache-control", "no-cache, no-transform");
  headers.set("x-accel-buffering", "no");
  if (response.body === null) {
    settleStream(exchange, response.status, "finished");
    return new Response(null, { status: response.status, headers });
  }
  const contentType = response.headers.get("content-type");
  const isArray = /\bjson\b/i.test(contentType ?? "");
  const meter = new StreamMeter(dialect, contentType);
  exchange.answer = () => meter.facts;
  exchange.observedCharacters = () => meter.observedCharacters();
  const options: RelayOptions = {
    meter,
    clientGone: c.req.raw.signal,
    idleTimeout: timeoutsOf(answering).idle,
    abortUpstream: () => controller.abort(),
    upstreamAborted: controller.signal,
    onClientGone: answering.onClientGone,
    brokenMessage(end) {
      const array = isArray ? { begun: exchange.firstByteAt !== null } : undefined;
      return new TextEncoder().encode(dialect.encodeStreamError(ENDED_EARLY[end], c.get("requestId"), array));
    },
    onFirstByte: () => {
      exchange.firstByteAt ??= services.now();
    },
  };
  const relayed: Relayed = plan.hideUsage
    ? relayEdited(response.body, {
        ...options,
        mayRemove: (text) => /"usage"\s*:\s*\{/.test(text),
        remove: isUsageChunk,
      })
    : relayStream(response.body, options);
  c.executionCtx.waitUntil(relayed.ended.then((end) => settleStream(exchange, response.status, end)));
  return new Response(relayed.readable, { status: response.status, headers });
}
