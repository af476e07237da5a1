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
import { bearerToken, decodePercent } from "../http.ts";
import { countOutput, plan } from "../planner.ts";
import type { Answer, Question } from "../question.ts";
import { isObject, type JsonObject, stringOf } from "../values.ts";
import { chatUsage, streamChat, wholeChat } from "./chat-answer.ts";
import { checkReasoningModel, readChat } from "./chat-request.ts";
import { embeddings } from "./embeddings.ts";
import { openaiError, openaiFailure } from "./errors.ts";
import { findModel, isServedByChat, listModels, reasons } from "./models.ts";
import {
  EventWriter,
  failedResponse,
  finishedResponse,
  outputItems,
  responseEcho,
  responsesUsage,
  streamResponses,
} from "./responses-answer.ts";
import { readResponses, reasoningSeal } from "./responses-request.ts";

const STREAM_HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

const UNREADABLE =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)";

const NO_KEY =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.";

/** OpenAI prints JSON over several lines. */
const whole = (body: JsonObject, bill?: WholeReply["bill"]): WholeReply => ({
  kind: "whole",
  status: 200,
  headers: { "content-type": "application/json" },
  body: `${JSON.stringify(body, null, 2)}\n`,
  ...(bill !== undefined && { bill }),
});

/** From GPT-5.6 on, writing to the cache is charged and reported. */
const chargesWrites = (model: string): boolean => /^gpt-(5\.[6-9]|[6-9])/.test(model);

function answerTo(exchange: Exchange, question: Question, model: string, owner = "openai"): Answer {
  const candidates = plan(question, exchange, model);
  const marked = question.segments.some((segment) => segment.mark !== undefined);
  return countAnswer(
    exchange,
    `${owner} ${model}`,
    question,
    { candidates, ...countOutput(candidates) },
    { mode: marked ? "marked" : "implicit", chargesWrites: chargesWrites(model) },
  );
}

/** A model that one of OpenAI's two endpoints alone serves, in its words. */
function checkEndpoint({ path, directives }: Exchange): void {
  const wrong =
    (path === "/v1/chat/completions" && directives["only-responses"] === true) ||
    (path === "/v1/responses" && directives["only-chat"] === true);
  if (!wrong) return;
  const other = path === "/v1/responses" ? "v1/chat/completions" : "v1/responses";
  throw new Failure(404, {
    message: `This model is only supported in ${other} and not in ${path.slice(1)}.`,
    param: "model",
  });
}

/** The body and the model it names; notes the model's directives. */
function open(
  exchange: Exchange,
  isServed: (model: string) => boolean = () => true,
): { body: JsonObject; model: string } {
  const body = parseBody(exchange, UNREADABLE);
  // A stored prompt names its model itself.
  const raw = stringOf(body.model) || (isObject(body.prompt) ? "gpt-6.1-sol" : "");
  if (raw === "") throw new Failure(400, { message: "you must provide a model parameter" });
  const model = parseModelName(raw);
  if (!isServed(model.base)) {
    exchange.entry.model = model.raw;
    throw new Failure(404, {
      message: "This model is only supported in v1/responses and not in v1/chat/completions.",
      param: "model",
    });
  }
  chooseModel(exchange, model);
  checkEndpoint(exchange);
  return { body, model: model.base };
}

function chat(exchange: Exchange): Reply {
  const { body, model } = open(exchange, isServedByChat);
  if (reasons(model)) checkReasoningModel(body);
  return answerChat(exchange, body, model, { owner: "openai", showsReasoning: false });
}

/** How a host that speaks Chat differs from OpenAI. */
export interface ChatHost {
  owner: string;
  /** Thoughts are shown in `reasoning_content`, and parameters that it does not know are ignored. */
  showsReasoning: boolean;
}

/** Chat Completions as OpenAI serves it; its followers serve the same with additions. */
export function answerChat(exchange: Exchange, body: JsonObject, model: string, host: ChatHost): Reply {
  const { ids, directives } = exchange;
  const { owner, showsReasoning } = host;
  const { question, stream, includeUsage, obfuscation } = readChat(body, showsReasoning);
  const answer = answerTo(exchange, question, model, owner);
  const usage = chatUsage(answer, chargesWrites(model));
  const bill = billOf(usage, answer);
  const told = toldUsage(usage, directives);
  const envelope = { id: `chatcmpl-${ids.word(29)}`, created: exchange.now, model };
  if (!stream) return whole(wholeChat(envelope, answer, told, ids, showsReasoning), bill);
  return {
    kind: "stream",
    headers: STREAM_HEADERS,
    frames: streamChat(envelope, answer, told, { includeUsage, obfuscation, showsReasoning, directives, ids }),
    failureFrames: (failure) => [`data: ${JSON.stringify({ error: openaiError(failure) })}\n\n`],
    bill,
  };
}

function responses(exchange: Exchange): Reply {
  const { body, model } = open(exchange);
  const { ids, now, directives } = exchange;
  const issuer = reasoningSeal(exchange.account);
  const { question, items: said, stream, summary, obfuscation } = readResponses(body, exchange.stored, issuer);
  const answer = answerTo(exchange, question, model);
  const [candidate = { parts: [], stop: "end", stopSequence: null }] = answer.candidates;
  const usage = responsesUsage(answer);
  const id = `resp_${ids.hex(48)}`;
  const echo = responseEcho(id, now, model, body);
  const items = outputItems(candidate, summary, ids, issuer);
  if (body.store !== false) exchange.stored.keep(id, [...said, ...items]);
  const finished = finishedResponse(echo, candidate, items, toldUsage(usage, directives), now);
  const bill = billOf(usage, answer);
  if (!stream) return whole(finished, bill);
  const writer = new EventWriter(true);
  return {
    kind: "stream",
    headers: STREAM_HEADERS,
    frames: streamResponses(writer, echo, candidate, items, finished, directives, obfuscation ? ids.word(16) : null),
    failureFrames: (failure) => [failedResponse(writer, echo, failure)],
    bill,
  };
}

function inputTokens(exchange: Exchange): Reply {
  const { body } = open(exchange);
  const { question } = readResponses(body, exchange.stored, reasoningSeal(exchange.account));
  const total = question.segments.reduce((sum, segment) => sum + segment.tokens, 0);
  return whole({ object: "response.input_tokens", input_tokens: total });
}

/** Embeddings as OpenAI serves them. */
export function embed(exchange: Exchange): Reply {
  const { body, model } = open(exchange);
  const { body: answer, tokens } = embeddings(body, model);
  const bill = {
    usage: answer.usage,
    tokens: { inputUncached: tokens, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
  };
  const usage = toldUsage(answer.usage as JsonObject, exchange.directives);
  return whole({ ...answer, ...(usage === null ? { usage: undefined } : { usage }) }, bill);
}

function modelPage(exchange: Exchange, id: string): Reply {
  const model = findModel(id);
  if (model !== null) return whole(model);
  const name = parseModelName(id);
  chooseModel(exchange, name);
  throw new Failure(404, { message: `The model '${id}' does not exist`, param: "model", code: "model_not_found" });
}

const POSTS: Record<string, (exchange: Exchange) => Reply> = {
  "/v1/chat/completions": chat,
  "/v1/responses": responses,
  "/v1/responses/input_tokens": inputTokens,
  "/v1/embeddings": embed,
};

/** Chat Completions, Responses, embeddings and models. */
export const openai: Provider = {
  id: "openai",

  requestId: (ids) => `req_${ids.hex(32)}`,

  answer(exchange) {
    if (bearerToken(exchange.headers.authorization) === "") throw new Failure(401, { message: NO_KEY });
    const { method, path } = exchange;
    if (method === "GET" && path === "/v1/models") return whole(listModels());
    if (method === "GET" && path.startsWith("/v1/models/"))
      return modelPage(exchange, decodePercent(path.slice("/v1/models/".length)));
    const post = POSTS[path];
    if (post === undefined) throw new Failure(404, { message: `Invalid URL (${method} ${path})` });
    if (method !== "POST")
      throw new Failure(405, {
        message: `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to use a different HTTP method?)`,
        code: "method_not_supported",
      });
    return post(exchange);
  },

  failure: openaiFailure,

  headers: (exchange) => ({
    "x-request-id": exchange.entry.id,
    "openai-organization": "org-simulated",
    "openai-processing-ms": "12",
    "openai-version": "2020-10-01",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "30000000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "29999000",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-reset-tokens": "2ms",
  }),
};
