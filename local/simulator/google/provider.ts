import { billOf, toldUsage } from "../bill.ts";
import { parseModelName } from "../directives.ts";
import {
  chooseModel,
  countAnswer,
  type Exchange,
  type Frame,
  frame,
  type Provider,
  parseBody,
  type Reply,
  type WholeReply,
} from "../exchange.ts";
import { Failure } from "../failure.ts";
import { bearerToken, decodePercent, headerOf } from "../http.ts";
import { countOutput, plan } from "../planner.ts";
import { isObject, type JsonObject, objectOf } from "../values.ts";
import { streamGenerate, usageMetadata, wholeGenerate } from "./answer.ts";
import { batchEmbedContents, embedContent } from "./embeddings.ts";
import { googleError, googleFailure } from "./errors.ts";
import { findModel, listModels } from "./models.ts";
import { readProto, writeProtoLine } from "./proto-json.ts";
import { readGenerate } from "./request.ts";

const JSON_HEADERS = { "content-type": "application/json; charset=UTF-8" };

const whole = (body: JsonObject, bill?: WholeReply["bill"]): WholeReply => ({
  kind: "whole",
  status: 200,
  headers: JSON_HEADERS,
  body: `${JSON.stringify(body, null, 2)}\n`,
  ...(bill !== undefined && { bill }),
});

/** The stream without `alt=sse`: one JSON array, an element to a chunk. */
function* arrayFrames(chunks: Iterable<{ chunk: JsonObject; carried: string }>): Generator<Frame> {
  let opening = "[";
  for (const { chunk, carried } of chunks) {
    yield frame(`${opening}${JSON.stringify(chunk, null, 2)}\n`, carried);
    opening = ",\n";
  }
  yield frame("]");
}

function* eventFrames(chunks: Iterable<{ chunk: JsonObject; carried: string }>): Generator<Frame> {
  for (const { chunk, carried } of chunks) yield frame(`data: ${writeProtoLine(chunk)}\r\n\r\n`, carried);
}

const isSse = (exchange: Exchange): boolean =>
  exchange.query.get("alt") === "sse" || exchange.query.get("$alt") === "sse";

function generate(exchange: Exchange, body: JsonObject, model: string, stream: boolean): Reply {
  const { ids, directives } = exchange;
  const { question, includeThoughts } = readGenerate(body, model);
  const candidates = plan(question, exchange, model);
  const answer = countAnswer(
    exchange,
    `google ${model}`,
    question,
    { candidates, ...countOutput(candidates) },
    { mode: "implicit", chargesWrites: false },
  );
  const usage = usageMetadata(answer);
  const bill = billOf(usage, answer);
  const envelope = { modelVersion: model, responseId: ids.word(23) };
  const options = { model, includeThoughts, chunked: stream, directives, ids };
  if (!stream) return whole(wholeGenerate(envelope, answer, toldUsage(usage, directives), options), bill);
  const chunks = streamGenerate(envelope, answer, (soFar) => toldUsage(soFar, directives), options);
  const sse = isSse(exchange);
  return {
    kind: "stream",
    headers: sse ? { "content-type": "text/event-stream", "content-disposition": "attachment" } : JSON_HEADERS,
    frames: sse ? eventFrames(chunks) : arrayFrames(chunks),
    failureFrames(failure) {
      const envelope = { error: googleError(failure) };
      return [sse ? `data: ${writeProtoLine(envelope)}\r\n\r\n` : `,\n${JSON.stringify(envelope, null, 2)}\n]`];
    },
    bill,
  };
}

function countTokens(body: JsonObject, model: string): Reply {
  const inner = isObject(body.generateContentRequest) ? body.generateContentRequest : body;
  const { question } = readGenerate(inner, model);
  const total = question.segments.reduce((sum, segment) => sum + segment.tokens, 0);
  return whole({ totalTokens: total, promptTokensDetails: [{ modality: "TEXT", tokenCount: total }] });
}

function embed(exchange: Exchange, result: ReturnType<typeof embedContent>): Reply {
  const { body, usage, tokens } = result;
  const told = toldUsage(usage, exchange.directives);
  const bill = { usage, tokens: { inputUncached: tokens, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 } };
  return whole({ ...body, ...(told !== null && { usageMetadata: told }) }, bill);
}

/** Google's methods that take a model. */
function call(exchange: Exchange, rawModel: string, method: string): Reply {
  const name = parseModelName(rawModel);
  chooseModel(exchange, name);
  const model = name.base;
  const body = objectOf(readProto(parseBody(exchange, "Invalid JSON payload received. Expected an object.")));
  switch (method) {
    case "generateContent":
      return generate(exchange, body, model, false);
    case "streamGenerateContent":
      return generate(exchange, body, model, true);
    case "countTokens":
      return countTokens(body, model);
    case "embedContent":
      return embed(exchange, embedContent(body));
    case "batchEmbedContents":
      return embed(exchange, batchEmbedContents(body));
    default:
      throw new Failure(404, {
        message: `models/${model} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
      });
  }
}

function checkKey(exchange: Exchange): void {
  const { headers, query } = exchange;
  const key = headerOf(headers["x-goog-api-key"]) || query.get("key") || bearerToken(headers.authorization);
  if (key === null || key === "")
    throw new Failure(403, {
      message:
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    });
}

/** The generateContent family, embeddings and models, under v1beta and v1. */
export const google: Provider = {
  id: "google",

  requestId: (ids) => ids.hex(16),

  answer(exchange) {
    checkKey(exchange);
    const { method, path } = exchange;
    const match = /^\/(?:v1beta|v1|v1alpha)\/models(?:\/(.+))?$/.exec(path);
    if (match === null) throw new Failure(404);
    const rest = match[1];
    if (method === "GET") {
      if (rest === undefined) return whole(listModels(exchange.query));
      const id = decodePercent(rest);
      const model = findModel(id);
      if (model !== null) return whole(model);
      chooseModel(exchange, parseModelName(id));
      throw new Failure(404, { message: `Model is not found: models/${id} for api version v1beta` });
    }
    // The method follows the LAST colon: a model's name may hold others, and slashes. The colon may come escaped.
    const target = (rest ?? "").replace(/%3A(?=[A-Za-z]+$)/i, ":");
    const colon = target.lastIndexOf(":");
    if (method !== "POST" || colon < 0) throw new Failure(404);
    // Directives are parted by plus signs; a client that escapes them has escaped the whole name once more.
    const name = target.slice(0, colon);
    return call(exchange, name.includes("+") ? name : decodePercent(name), target.slice(colon + 1));
  },

  failure(failure, exchange) {
    const inArray = exchange.path.endsWith(":streamGenerateContent") && !isSse(exchange);
    return googleFailure(failure, exchange.directives["retry-after"], inArray);
  },

  headers: () => ({
    vary: "Origin, X-Origin, Referer",
    server: "scaffolding on HTTPServer2",
    "server-timing": "gfet4t7; dur=12",
    "x-content-type-options": "nosniff",
  }),
};
