import { inputUsage } from "../../canonical/usage.ts";
import { countAt, isObject, objectAt, stringAt, textOf } from "../../lib/json.ts";
import { type AnswerFacts, noAnswer, type RequestContext } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { usageOf } from "./usage.ts";

/** A whole Response object, the one a terminal event carries, or a token count, which is free and uses nothing. */
export function readAnswer(body: unknown, context?: RequestContext): AnswerFacts {
  if (!isObject(body)) return noAnswer();
  if (context?.operation === "count_tokens") {
    const counted = countAt(body, "input_tokens") !== undefined;
    return { ...noAnswer(), usage: counted ? { ...inputUsage(0), raw: body } : null, terminal: true };
  }
  const error = objectAt(body, "error");
  return {
    usage: usageOf(body),
    stopReason: decodeStopReason(body),
    servedModel: stringAt(body, "model") || null,
    terminal: true,
    error: error ? textOf(error.code) || textOf(error.type) || "error" : null,
  };
}
