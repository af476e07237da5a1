import { billOf, toldUsage } from "../bill.ts";
import { parseModelName } from "../directives.ts";
import {
  chooseModel,
  countAnswer,
  type Exchange,
  type Provider,
  parseBody,
  type Reply,
  type WholeReply,
} from "../exchange.ts";
import { Failure } from "../failure.ts";
import { bearerToken, decodePercent, headerOf } from "../http.ts";
import { countOutput, plan } from "../planner.ts";
import { type JsonObject, stringOf } from "../values.ts";
import { contentBlocks, messagesUsage, streamMessage, wholeMessage } from "./answer.ts";
import { anthropicError, anthropicFailure } from "./errors.ts";
import { findModel, listModels } from "./models.ts";
import { readMessages, VERSIONS } from "./request.ts";

const whole = (body: JsonObject, bill?: WholeReply["bill"]): WholeReply => ({
  kind: "whole",
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  ...(bill !== undefined && { bill }),
});

/** The body and the model it names; notes the model's directives. */
function open(exchange: Exchange): { body: JsonObject; model: string } {
  const body = parseBody(exchange, "The request body is not valid JSON.");
  const raw = stringOf(body.model);
  if (raw === "") throw new Failure(400, { message: "model: Field required" });
  const model = parseModelName(raw);
  chooseModel(exchange, model);
  return { body, model: model.base };
}

/** The `anthropic-version` header, which must be one of the known ones. */
function versionOf(exchange: Exchange): string {
  const version = headerOf(exchange.headers["anthropic-version"]);
  if (version === "") throw new Failure(400, { message: "anthropic-version: header is required" });
  if (!VERSIONS.includes(version))
    throw new Failure(400, { message: `anthropic-version: "${version}" is not a valid version` });
  return version;
}

function messages(exchange: Exchange): Reply {
  const version = versionOf(exchange);
  const { body, model } = open(exchange);
  return answerMessages(exchange, body, model, version, "anthropic");
}

/** Messages as Anthropic serves it; OpenRouter serves the same with its own id. */
export function answerMessages(
  exchange: Exchange,
  body: JsonObject,
  model: string,
  version: string,
  owner: string,
): Reply {
  const { ids, directives } = exchange;
  const { question, stream, omitsThinking } = readMessages(body, model, version);
  const candidates = plan(question, exchange, model);
  const answer = countAnswer(
    exchange,
    `${owner} ${model}`,
    question,
    { candidates, ...countOutput(candidates) },
    { mode: "marked", chargesWrites: true },
  );
  const [candidate = { parts: [], stop: "end", stopSequence: null }] = candidates;
  const usage = messagesUsage(answer);
  const told = toldUsage(usage, directives);
  const bill = billOf(usage, answer);
  const id = `msg_01${ids.word(22)}`;
  const blocks = contentBlocks(candidate, omitsThinking, ids);
  if (!stream) return whole(wholeMessage(id, model, candidate, blocks, told), bill);
  return {
    kind: "stream",
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
    frames: streamMessage(id, model, candidate, blocks, told, directives),
    failureFrames: (failure) => [
      `event: error\ndata: ${JSON.stringify({ type: "error", error: anthropicError(failure), request_id: exchange.entry.id })}\n\n`,
    ],
    bill,
  };
}

function countTokens(exchange: Exchange): Reply {
  const version = versionOf(exchange);
  const { body, model } = open(exchange);
  const { question } = readMessages(body, model, version, true);
  return whole({ input_tokens: question.segments.reduce((sum, segment) => sum + segment.tokens, 0) });
}

function modelPage(exchange: Exchange, id: string): Reply {
  const model = findModel(id);
  if (model !== null) return whole(model);
  chooseModel(exchange, parseModelName(id));
  throw new Failure(404, { message: `model: ${id}` });
}

/** RFC 3339 without milliseconds, as the limit headers have it. */
const resetTime = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

/** Messages, its token counter and the models, in both wire versions. */
export const anthropic: Provider = {
  id: "anthropic",

  requestId: (ids) => `req_011C${ids.word(20)}`,

  answer(exchange) {
    const { method, path, headers } = exchange;
    if (headerOf(headers["x-api-key"]) === "" && bearerToken(headers.authorization) === "")
      throw new Failure(401, { message: "x-api-key header is required" });
    if (method === "GET" && path === "/v1/models") return whole(listModels(exchange.query));
    if (method === "GET" && path.startsWith("/v1/models/"))
      return modelPage(exchange, decodePercent(path.slice("/v1/models/".length)));
    if (path !== "/v1/messages" && path !== "/v1/messages/count_tokens") throw new Failure(404);
    if (method !== "POST") throw new Failure(405, { message: "Method Not Allowed" });
    return path === "/v1/messages" ? messages(exchange) : countTokens(exchange);
  },

  failure: anthropicFailure,

  headers(exchange) {
    const reset = resetTime(exchange.now + 1);
    const headers: Record<string, string> = {
      "request-id": exchange.entry.id,
      "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
    };
    for (const [kind, limit] of [
      ["requests", 4_000],
      ["input-tokens", 2_000_000],
      ["output-tokens", 400_000],
      ["tokens", 2_400_000],
    ] as const) {
      headers[`anthropic-ratelimit-${kind}-limit`] = String(limit);
      headers[`anthropic-ratelimit-${kind}-remaining`] = String(limit - (kind === "requests" ? 1 : 0));
      headers[`anthropic-ratelimit-${kind}-reset`] = reset;
    }
    return headers;
  },
};
