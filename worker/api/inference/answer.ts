import type { DialectId } from "../../canonical/dialect-id.ts";
import type { FailureKind } from "../../canonical/stream-event.ts";
import type { Dialect, RequestFacts } from "../../dialects/dialect.ts";
import { EMPTY_ANSWER, kindOfStatus, UpstreamError } from "../../dialects/failure.ts";
import { isUsageChunk } from "../../dialects/openai-chat/stream.ts";
import { chatDialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import { type JsonObject, parseJsonBytes } from "../../lib/json.ts";
import { usdFromNano } from "../../lib/money.ts";
import { factsOfTail, readBeginning, relayLong } from "../../router/long-answer.ts";
import { StreamMeter } from "../../router/meter.ts";
import { readWhole } from "../../router/read-whole.ts";
import { ENDED_EARLY, type Relayed, type RelayOptions, relayStream, type StreamEnd } from "../../router/relay.ts";
import { relayEdited } from "../../router/relay-edited.ts";
import { type GateOptions, openRelay } from "../../router/relay-gate.ts";
import type { Target } from "../../router/resolve.ts";
import { returnedHeaders } from "../../router/send.ts";
import type { AttemptTimeouts } from "../../router/timeouts.ts";
import type { AppContext } from "../context.ts";
import type { Exchange } from "./exchange.ts";
import { FailedAttempt, failedBy, failingOf } from "./failed-attempt.ts";
import type { InferenceCall } from "./infer.ts";
import type { Plan } from "./plan.ts";
import { tellStory, toldError } from "./story.ts";
import { UNBUFFERED } from "./stream-response.ts";

export interface Answering {
  c: AppContext;
  call: InferenceCall;
  /** The client's. */
  dialect: Dialect;
  facts: RequestFacts;
  target: Target;
  exchange: Exchange;
  timeouts: AttemptTimeouts;
  /** Aborts the upstream call. */
  controller: AbortController;
  /** Another attempt may follow if this one fails before it has begun to answer. */
  gated: boolean;
  /** The client was seen to have left. */
  onClientGone(): void;
  response: Response;
  plan: Plan;
  /** The client's request. */
  body: JsonObject;
}

/** A whole answer longer than this is not kept in memory; no text answer comes near it. */
export const MAXIMUM_ANSWER = 20 * 1024 * 1024;

/** The provider's headers worth passing on, and ours that tell the story. */
function answerHeaders(answering: Answering): Headers {
  const headers = returnedHeaders(answering.response.headers);
  tellStory(headers, answering);
  return headers;
}

/** The provider's answer as it comes: same dialect on both sides. A web page is no stream, whatever its status. */
export function answerRelayed(answering: Answering): Response | Promise<Response> {
  const { facts, response } = answering;
  return facts.stream && response.ok && !isPage(response) ? answerStream(answering) : answerWhole(answering);
}

const isPage = ({ headers }: Response): boolean => /\bhtml\b/i.test(headers.get("content-type") ?? "");

/** Why an answer could not be read to its end. */
export const brokenOff = ({ provider }: Target, cause: unknown): GatewayError =>
  cause instanceof GatewayError
    ? cause
    : new GatewayError("upstream_error", `${provider.id} broke off its answer. Try again.`, { cause });

/** The same, as the end of the attempt. */
export const unfinished = ({ target, response }: Answering, cause: unknown): FailedAttempt =>
  failedBy(brokenOff(target, cause), response.status);

/** A 200 that is no answer: a proxy's page, or JSON that breaks off. The SDKs would stumble over it, and not try again. */
export function unreadable(answering: Answering): FailedAttempt {
  const { status } = answering.response;
  const error = new GatewayError("upstream_error", "The provider's answer could not be read. Try again.");
  const answer = toldError(error, answering, status);
  return new FailedAttempt({
    ...{ outcome: "provider_error", status: 502, errorCode: "malformed", answer, upstreamStatus: status, billed: null },
  });
}

/** An answer that is longer than is kept. */
export const tooLong = ({ target, response }: Answering): FailedAttempt =>
  failedBy(
    new GatewayError("upstream_error", `${target.provider.id} sent an answer of more than 20 MB. Stream it.`),
    response.status,
  );

/** Longer embeddings are not kept: those of two thousand texts can be a hundred megabytes. */
const MOST_KEPT_OF_EMBEDDINGS = 4 * 1024 * 1024;

/** A non-streaming answer, or a provider's error: read, metered, and handed on byte for byte. */
async function answerWhole(answering: Answering): Promise<Response> {
  const { c, call, dialect, exchange, controller, response } = answering;
  const embeds = call.operation === "embed" && response.ok;
  const services = c.get("services");
  const { idle } = answering.timeouts;
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
  if (bytes === null) throw tooLong(answering);
  const headers = answerHeaders(answering);
  const parsed = parseJsonBytes(bytes);
  const facts = dialect.readAnswer(parsed, call);
  exchange.answer = () => facts;
  if (response.ok) {
    // Neither vectors nor a web page are output that anybody bills.
    exchange.observedCharacters = () => (embeds || isPage(response) ? 0 : bytes.byteLength);
    if (parsed === undefined || (answering.gated && isEmpty(answering, parsed))) throw unreadable(answering);
  }
  const whole = new Response(bytes, { status: response.status, headers });
  if (!response.ok || facts.error !== null) throw refused(answering, facts.error, whole, parsed);
  const costNano = exchange.settle("ok", response.status);
  if (costNano !== null) whole.headers.set("x-gaia-cost", usdFromNano(costNano));
  return whole;
}

/** An error of the provider's, as it is. One with an error's status is not billed, whatever it says. */
function refused(answering: Answering, code: string | null, answer: Response, parsed: unknown): FailedAttempt {
  const { ok, status, headers } = answering.response;
  const errorCode = code ?? `http_${status}`;
  const word = kindOfFailure(answering.dialect.id, status, headers, parsed);
  return new FailedAttempt({
    ...{
      outcome: "provider_error",
      status,
      errorCode,
      answer,
      upstreamStatus: status,
      billed: ok ? null : false,
      word,
    },
  });
}

/** What the provider says in its own words, as the table of failures names it. */
function kindOfFailure(dialect: DialectId, status: number, headers: Headers, body: unknown): FailureKind {
  if (dialect === "openai-embeddings") return kindOfStatus(status);
  try {
    return chatDialects[dialect].decodeFailure(status, headers, body).kind;
  } catch {
    return kindOfStatus(status);
  }
}

/** JSON without even a place for an answer: one client may get it as it is, but not where another target can be asked. */
function isEmpty({ call, dialect }: Answering, parsed: unknown): boolean {
  if (dialect.id === "openai-embeddings" || call.operation !== "generate") return false;
  try {
    return chatDialects[dialect.id].decodeAnswer(parsed).failure?.code === EMPTY_ANSWER.code;
  } catch {
    return false;
  }
}

/** Embeddings that are too long to be kept: handed on as they come, settled at their end. */
function answerLong(answering: Answering, beginning: Parameters<typeof relayLong>[0]): Response {
  const { c, call, dialect, exchange, controller, response } = answering;
  const { idle } = answering.timeouts;
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
  const { error, terminal } = exchange.answer();
  if (end === "client_gone") exchange.settle("client_gone", 499);
  else if (end === "idle" || end === "overdue") exchange.settle("timeout", 504, "upstream_timeout");
  else if (error !== null) exchange.settle("stream_error", status, error);
  else if (end === "broken") exchange.settle("stream_error", status, "upstream_error");
  else if (terminal) exchange.settle("ok", status);
  else exchange.settle("stream_error", status, "upstream_truncated");
}

/** A streaming answer: relayed as it comes, metered beside, settled at its end or when the client leaves. */
async function answerStream(answering: Answering): Promise<Response> {
  const { c, dialect, exchange, controller, response, plan, timeouts } = answering;
  const services = c.get("services");
  const contentType = response.headers.get("content-type");
  const isArray = /\bjson\b/i.test(contentType ?? "");
  const meter = new StreamMeter(dialect, contentType);
  exchange.answer = () => meter.facts;
  exchange.observedCharacters = () => meter.observedCharacters();
  const shared = {
    idleTimeout: timeouts.idle,
    abortUpstream: () => controller.abort(),
    upstreamAborted: controller.signal,
    onFirstByte: () => {
      exchange.firstByteAt ??= services.now();
    },
  };
  const opened = await openedBody(answering, { ...shared, firstTokenTimeout: timeouts.firstToken });
  const headers = answerHeaders(answering);
  for (const [name, value] of Object.entries(UNBUFFERED)) headers.set(name, value);
  if (opened === null) {
    settleStream(exchange, response.status, "finished");
    return new Response(null, { status: response.status, headers });
  }
  const options: RelayOptions = {
    ...shared,
    meter,
    ...(opened.head === undefined ? {} : { head: opened.head }),
    clientGone: c.req.raw.signal,
    onClientGone: answering.onClientGone,
    brokenMessage(end) {
      const array = isArray ? { begun: exchange.firstByteAt !== null } : undefined;
      return new TextEncoder().encode(dialect.encodeStreamError(ENDED_EARLY[end], c.get("requestId"), array));
    },
    // An array that has been closed takes no further element.
    isTruncated: () => !isArray && !meter.facts.terminal && meter.facts.error === null,
  };
  const relayed: Relayed = plan.hideUsage
    ? relayEdited(opened.body, {
        ...options,
        mayRemove: (text) => /"usage"\s*:\s*\{/.test(text),
        remove: isUsageChunk,
      })
    : relayStream(opened.body, options);
  c.executionCtx.waitUntil(relayed.ended.then((end) => settleStream(exchange, response.status, end)));
  return new Response(relayed.readable, { status: response.status, headers });
}

/** The body to be relayed: as it is, or once its answer has begun where another attempt could follow. Null: there is none. */
async function openedBody(
  answering: Answering,
  options: Omit<GateOptions, "dialect">,
): Promise<{ head?: Uint8Array; body: ReadableStream<Uint8Array> } | null> {
  const { dialect, gated, response } = answering;
  if (!gated || dialect.id === "openai-embeddings") return response.body && { body: response.body };
  try {
    if (response.body === null) throw new UpstreamError(EMPTY_ANSWER);
    return await openRelay(response.body, { ...options, dialect: chatDialects[dialect.id] });
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    throw notBegun(answering, thrown);
  }
}

/** A stream that has failed before its answer began. */
function notBegun(answering: Answering, error: GatewayError): FailedAttempt {
  const { status } = answering.response;
  return new FailedAttempt({
    ...failingOf(error, status),
    answer: toldError(error, answering, status),
  });
}
