import type { Usage } from "../../canonical/usage.ts";
import { countAt, isObject, objectAt, stringAt } from "../../lib/json.ts";
import { type AnswerFacts, noAnswer, type RequestContext } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/** A whole Message, or the answer of count_tokens, which is free and uses nothing. */
export function readAnswer(body: unknown, context: RequestContext): AnswerFacts {
  if (!isObject(body)) return noAnswer();
  if (context.operation === "count_tokens") return { ...noAnswer(), usage: counted(body), terminal: true };
  const error = objectAt(body, "error");
  return {
    usage: decodeUsage(body.usage),
    stopReason: decodeStopReason(body.stop_reason),
    servedModel: stringAt(body, "model") || null,
    terminal: true,
    error: error ? (stringAt(error, "type") ?? "error") : null,
  };
}

/** Counting is not billed: zero tokens, with the provider's count kept as raw. */
function counted(body: unknown): Usage | null {
  if (countAt(body, "input_tokens") === undefined) return null;
  return {
    input: { total: 0, uncached: 0, cacheRead: 0, cacheWrite: 0 },
    output: { total: 0 },
    raw: body,
  };
}
