import { isObject, objectAt, stringAt } from "../../lib/json.ts";
import { type AnswerFacts, noAnswer } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/** A whole Response object, or the one a terminal event carries. */
export function readAnswer(body: unknown): AnswerFacts {
  if (!isObject(body)) return noAnswer();
  const usage = decodeUsage(body.usage);
  const serviceTier = stringAt(body, "service_tier");
  const error = objectAt(body, "error");
  return {
    usage: usage && serviceTier ? { ...usage, serviceTier } : usage,
    stopReason: decodeStopReason(body),
    servedModel: stringAt(body, "model") || null,
    terminal: true,
    error: error ? String(error.code ?? error.type ?? "error") : null,
  };
}
