import { answerMessages } from "../anthropic/provider.ts";
import { billOf, toldUsage } from "../bill.ts";
import { parseModelName } from "../directives.ts";
import {
  chooseModel,
  countAnswer,
  type Exchange,
  frame,
  type Provider,
  parseBody,
  type Reply,
  type WholeReply,
} from "../exchange.ts";
import { Failure } from "../failure.ts";
import { bearerToken, headerOf } from "../http.ts";
import { readChat } from "../openai/chat-request.ts";
import { embeddings } from "../openai/embeddings.ts";
import {
  EventWriter,
  failedResponse,
  finishedResponse,
  outputItems,
  responseEcho,
  responsesUsage,
  streamResponses,
} from "../openai/responses-answer.ts";
import { readResponses } from "../openai/responses-request.ts";
import { countOutput, plan } from "../planner.ts";
import type { Answer, Question } from "../question.ts";
import { type JsonObject, objectOf, stringOf } from "../values.ts";
import { checkReasoning, PROCESSING, streamChat, wholeChat } from "./chat.ts";
import { openrouterError, openrouterFailure } from "./errors.ts";
import { chatUsage, costOf, listModels } from "./models.ts";

const STREAM_HEADERS = { "content-type": "text/event-stream", "cache-control": "no-cache" };

/** What OpenRouter writes before an answer to keep the connection alive. */
const PADDING = "\n         \n\n         \n\n         \n";

const whole = (body: JsonObject, bill?: WholeReply["bill"]): WholeReply => ({
  kind: "whole",
  status: 200,
  headers: { "content-type": "application/json" },
  body: `${PADDING}${JSON.stringify(body)}`,
  ...(bill !== undefined && { bill }),
});

/** The body and the model it names; notes the model's directives. */
function open(exchange: Exchange): { body: JsonObject; model: string } {
  const body = parseBody(exchange, "Invalid JSON in request body");
  const raw = stringOf(body.model);
  if (raw === "") throw new Failure(400, { message: "No models provided" });
  const model = parseModelName(raw);
  chooseModel(exchange, model);
  return { body, model: model.base };
}

function answerTo(exchange: Exchange, question: Question, model: string): Answer {
  const candidates = plan(question, exchange, model);
  const marked = question.segments.some((segment) => segment.mark !== undefined);
  return countAnswer(
    exchange,
    `openrouter ${model}`,
    question,
    { candidates, ...countOutput(candidates) },
    { mode: marked ? "marked" : "implicit", chargesWrites: marked },
  );
}

function chat(exchange: Exchange): Reply {
  const { body, model } = open(exchange);
  const { ids, directives } = exchange;
  const { question, stream } = readChat(body, true);
  checkReasoning(body.messages);
  const answer = answerTo(exchange, question, model);
  const usage = chatUsage(model, answer.tokens);
  const bill = billOf(usage, answer, costOf(model, answer.tokens).total);
  const told = toldUsage(usage, directives);
  const envelope = { id: exchange.entry.id, created: exchange.now, model };
  const hidesReasoning = objectOf(body.reasoning).exclude === true || body.include_reasoning === false;
  if (!stream) return whole(wholeChat(envelope, answer.candidates, told, hidesReasoning, ids), bill);
  return {
    kind: "stream",
    headers: STREAM_HEADERS,
    frames: streamChat(envelope, answer.candidates, told, { hidesReasoning, directives, ids }),
    failureFrames(failure) {
      const choice = {
        index: 0,
        delta: { content: "", role: "assistant" },
        finish_reason: "error",
        native_finish_reason: "error",
      };
      const chunk = {
        ...envelope,
        object: "chat.completion.chunk",
        provider: "Simulated",
        error: openrouterError(failure),
        choices: [choice],
      };
      return [`data: ${JSON.stringify(chunk)}\n\n`];
    },
    bill,
  };
}

function responses(exchange: Exchange): Reply {
  const { body, model } = open(exchange);
  const { ids, now, directives } = exchange;
  if (body.store === true) throw new Failure(400, { message: "Invalid value for 'store': only false is supported" });
  const { question, stream, summary } = readResponses(body, null);
  const answer = answerTo(exchange, question, model);
  const [candidate = { parts: [], stop: "end", stopSequence: null }] = answer.candidates;
  const cost = costOf(model, answer.tokens);
  const usage = {
    ...responsesUsage(answer),
    cost: cost.total,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: cost.total,
      upstream_inference_input_cost: cost.prompt,
      upstream_inference_output_cost: cost.completion,
    },
  };
  const echo = responseEcho(exchange.entry.id, now, model, { ...body, store: false });
  const items = outputItems(candidate, summary, ids);
  const finished = finishedResponse(echo, candidate, items, toldUsage(usage, directives), now);
  const bill = billOf(usage, answer, cost.total);
  if (!stream) return whole(finished, bill);
  const writer = new EventWriter(false);
  function* frames() {
    yield PROCESSING;
    yield* streamResponses(writer, echo, candidate, items, finished, directives, null);
    yield frame("data: [DONE]\n\n");
  }
  return {
    kind: "stream",
    headers: STREAM_HEADERS,
    frames: frames(),
    failureFrames: (failure) => [failedResponse(writer, echo, failure)],
    bill,
  };
}

function messages(exchange: Exchange): Reply {
  const { body, model } = open(exchange);
  const version = headerOf(exchange.headers["anthropic-version"]) || "2023-06-01";
  return answerMessages(exchange, body, model, version, "openrouter");
}

function embed(exchange: Exchange): Reply {
  const { body, model } = open(exchange);
  const { body: answer, tokens: input } = embeddings(body, model.replace(/^openai\//, ""));
  const tokens = { inputUncached: input, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
  const cost = costOf(model, tokens).total;
  const usage = { ...objectOf(answer.usage), cost };
  const told = toldUsage(usage, exchange.directives);
  return whole(
    { ...answer, model, id: exchange.entry.id, provider: "Simulated", usage: told ?? undefined },
    { usage, tokens, cost },
  );
}

const POSTS: Record<string, (exchange: Exchange) => Reply> = {
  "/api/v1/chat/completions": chat,
  "/api/v1/responses": responses,
  "/api/v1/messages": messages,
  "/api/v1/embeddings": embed,
};

/** Chat, Responses, Messages and embeddings, all with OpenRouter's additions. */
export const openrouter: Provider = {
  id: "openrouter",

  requestId: (ids, now) => `gen-${now}-${ids.word(20)}`,

  answer(exchange) {
    const { method, path, headers } = exchange;
    if (method === "GET" && path === "/api/v1/models") return whole(listModels());
    const key =
      bearerToken(headers.authorization) || (path === "/api/v1/messages" ? headerOf(headers["x-api-key"]) : "");
    if (key === "") throw new Failure(401, { message: "Missing Authentication header" });
    const post = POSTS[path];
    if (post === undefined || method !== "POST") throw new Failure(404, { message: "Not Found" });
    return post(exchange);
  },

  failure: openrouterFailure,

  headers: (exchange) => ({ "x-generation-id": exchange.entry.id }),
};
