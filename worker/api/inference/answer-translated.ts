import type { AnswerContext, ChatDialect, EncodedRequest } from "../../dialects/dialect.ts";
import { errorOfFailure } from "../../dialects/failure.ts";
import { chatDialects } from "../../dialects/registry.ts";
import { restoreAnswer } from "../../dialects/restore-tools.ts";
import { GatewayError } from "../../errors.ts";
import { parseJsonBytes } from "../../lib/json.ts";
import { usdFromNano } from "../../lib/money.ts";
import { CanonicalMeter, charactersOf, codeOf, factsOfAnswer } from "../../router/canonical-meter.ts";
import { readWhole } from "../../router/read-whole.ts";
import { PATIENCE, translateStream } from "../../router/translate-stream.ts";
import { type Answering, MAXIMUM_ANSWER, settleStream, tooLong, unfinished, unreadable } from "./answer.ts";
import { FailedAttempt, type Failing, failingOf } from "./failed-attempt.ts";
import { storyHeaders, toldError } from "./story.ts";
import { framingOf, streamType, UNBUFFERED } from "./stream-response.ts";

interface Translation {
  upstream: ChatDialect;
  encoded: EncodedRequest;
}

/** The provider's answer, its failures included, in the client's dialect. */
export function answerTranslated(answering: Answering, translation: Translation): Promise<Response> {
  const { response, facts } = answering;
  if (!response.ok) return answerFailure(answering, translation);
  return facts.stream ? answerStream(answering, translation) : answerWhole(answering, translation);
}

function contextOf({ c, call, body, exchange, plan: _ }: Answering, requestedModel: string): AnswerContext {
  return {
    id: c.get("requestId"),
    createdAt: Math.floor(c.get("services").now() / 1000),
    model: requestedModel,
    body,
    framing: framingOf(call, c.req.url),
    losses: exchange.losses,
  };
}

/** The body of an answer; throws the FailedAttempt when it breaks off, or is too long. */
async function readAnswer(answering: Answering): Promise<Uint8Array> {
  const { c, exchange, controller, response } = answering;
  const { idle } = answering.timeouts;
  try {
    exchange.firstByteAt = c.get("services").now();
    const bytes =
      response.body === null
        ? new Uint8Array(0)
        : await readWhole(response.body, MAXIMUM_ANSWER, idle, controller.signal);
    if (bytes !== null) return bytes;
  } catch (cause) {
    throw unfinished(answering, cause);
  }
  throw tooLong(answering);
}

const jsonOf = (bytes: Uint8Array): unknown => parseJsonBytes(bytes);

/** An error status of the provider, told in the client's envelope. Errors are not billed. */
async function answerFailure(answering: Answering, { upstream }: Translation): Promise<Response> {
  const { response } = answering;
  const body = jsonOf(await readAnswer(answering));
  const decode = (read: unknown) => upstream.decodeFailure(response.status, response.headers, read);
  const failure = readable(() => decode(body)) ?? decode(undefined);
  throw failed(answering, errorOfFailure(failure), { errorCode: codeOf(failure), word: failure.kind, billed: false });
}

/** A failure that the client gets as an error with the headers that say who failed. */
function failed(
  answering: Answering,
  error: GatewayError,
  { outcome = "provider_error", ...told }: Pick<Failing, "errorCode" | "billed" | "word"> & Partial<Failing>,
): FailedAttempt {
  const { status: upstreamStatus } = answering.response;
  const answer = toldError(error, answering, upstreamStatus);
  return new FailedAttempt({ ...told, outcome, status: statusOf(error, answering), upstreamStatus, answer });
}

/** The status the client gets, which its dialect may have of its own. */
const statusOf = (error: GatewayError, { c, dialect }: Answering): number =>
  dialect.encodeError(error, c.get("requestId")).status ?? error.status;

async function answerWhole(answering: Answering, { upstream, encoded }: Translation): Promise<Response> {
  const { call, exchange, plan: _plan, response } = answering;
  const bytes = await readAnswer(answering);
  const parsed = jsonOf(bytes);
  const decoded = parsed === undefined ? null : readable(() => upstream.decodeAnswer(parsed));
  if (decoded === null) throw unreadable(answering);
  const { answer, failure } = decoded;
  const facts = factsOfAnswer(answer, failure);
  exchange.answer = () => facts;
  exchange.observedCharacters = () => charactersOf(answer);
  if (failure !== null) {
    const errorCode = facts.error ?? "malformed";
    throw failed(answering, errorOfFailure(failure), { errorCode, word: failure.kind, billed: null });
  }
  const client = chatDialects[call.dialect as keyof typeof chatDialects];
  const context = contextOf(answering, requestedModelOf(answering));
  const text = readable(() => JSON.stringify(client.encodeAnswer(restoreAnswer(answer, encoded), context)));
  if (text === null) throw unreadable(answering);
  const costNano = exchange.settle("ok", response.status);
  const headers = storyHeaders(answering, "application/json");
  if (costNano !== null) headers.set("x-gaia-cost", usdFromNano(costNano));
  return new Response(text, { status: 200, headers });
}

/** What `read` gives; null where it throws: JSON may nest too deep to be read, or to be written again. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const requestedModelOf = ({ target }: Answering): string => target.name;

async function answerStream(answering: Answering, { upstream, encoded }: Translation): Promise<Response> {
  const { c, call, exchange, controller, response } = answering;
  const services = c.get("services");
  const client = chatDialects[call.dialect as keyof typeof chatDialects];
  const context = contextOf(answering, requestedModelOf(answering));
  const { idle, firstToken } = answering.timeouts;
  const meter = new CanonicalMeter();
  exchange.answer = () => meter.facts;
  exchange.observedCharacters = () => meter.observedCharacters();
  if (response.body === null) {
    const error = new GatewayError("upstream_error", "The provider's stream was empty. Try again.");
    throw failed(answering, error, { errorCode: error.code, billed: null });
  }
  try {
    const relayed = await translateStream(response.body, {
      upstream,
      encoder: client.startEncoder(context),
      encoded,
      meter,
      contentType: response.headers.get("content-type"),
      clientGone: c.req.raw.signal,
      idleTimeout: idle,
      gate: { firstTokenTimeout: firstToken, patience: answering.gated ? null : PATIENCE },
      abortUpstream: () => controller.abort(),
      upstreamAborted: controller.signal,
      onClientGone: answering.onClientGone,
      onFirstByte: () => {
        exchange.firstByteAt ??= services.now();
      },
    });
    c.executionCtx.waitUntil(relayed.ended.then((end) => settleStream(exchange, 200, end)));
    const headers = storyHeaders(answering, streamType(context.framing));
    for (const [name, value] of Object.entries(UNBUFFERED)) headers.set(name, value);
    return new Response(relayed.readable, { status: 200, headers });
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    const failing = failingOf(thrown, response.status);
    throw failed(answering, thrown, { ...failing, errorCode: meter.facts.error ?? thrown.code });
  }
}
