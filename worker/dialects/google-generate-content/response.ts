import { arrayAt, countAt, isObject, type JsonObject, objectAt, stringAt, textOf } from "../../lib/json.ts";
import { type AnswerFacts, noAnswer, type RequestContext } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { usageOf } from "./usage.ts";

const partsOf = (chunk: JsonObject): unknown[] =>
  arrayAt(objectAt(arrayAt(chunk, "candidates")[0], "content"), "parts");

const errorCode = (chunk: JsonObject): string | null => {
  const error = objectAt(chunk, "error");
  return error ? textOf(error.status) || textOf(error.code) || "error" : null;
};

/** One GenerateContentResponse, whole or a chunk of a stream, read on top of what came before. */
export function readChunk(facts: AnswerFacts, chunk: unknown): AnswerFacts {
  if (!isObject(chunk)) return facts;
  const candidate = arrayAt(chunk, "candidates")[0];
  const sawCall =
    facts.stopReason === "tool_use" || partsOf(chunk).some((part) => objectAt(part, "functionCall") !== undefined);
  const finish = isObject(candidate) ? decodeStopReason(candidate.finishReason, sawCall) : null;
  const blocked = stringAt(objectAt(chunk, "promptFeedback"), "blockReason");
  const isBlocked = blocked !== undefined && blocked !== "BLOCK_REASON_UNSPECIFIED";
  return {
    usage: usageOf(chunk, facts.usage),
    stopReason: finish ?? (isBlocked ? "content_filter" : sawCall ? "tool_use" : facts.stopReason),
    servedModel: stringAt(chunk, "modelVersion") || facts.servedModel,
    terminal: facts.terminal || finish !== null || isBlocked,
    error: errorCode(chunk) ?? facts.error,
  };
}

/** A whole answer: content, a token count (free), or embeddings (input tokens, where the API tells them). */
export function readAnswer(body: unknown, context: RequestContext): AnswerFacts {
  // Without `alt=sse` a stream, and its error, is a JSON array.
  if (Array.isArray(body)) return body.reduce((facts: AnswerFacts, chunk) => readChunk(facts, chunk), noAnswer());
  if (!isObject(body)) return noAnswer();
  if (context.operation === "count_tokens") {
    const counted = countAt(body, "totalTokens") !== undefined;
    const usage = {
      input: { total: 0, uncached: 0, cacheRead: 0, cacheWrite: 0 },
      output: { total: 0 },
      raw: body,
    };
    return {
      ...noAnswer(),
      usage: counted ? usage : null,
      terminal: true,
      error: errorCode(body),
    };
  }
  return { ...readChunk(noAnswer(), body), terminal: true };
}
