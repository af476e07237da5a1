import { arrayAt, isObject, stringAt, textOf } from "../../lib/json.ts";
import { type AnswerFacts, noAnswer } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/** A whole Chat completion. */
export function readAnswer(body: unknown): AnswerFacts {
  if (!isObject(body)) return noAnswer();
  const choice = arrayAt(body, "choices")[0];
  const usage = decodeUsage(body.usage);
  const serviceTier = stringAt(body, "service_tier");
  return {
    usage: usage && serviceTier ? { ...usage, serviceTier } : usage,
    stopReason: isObject(choice) ? decodeStopReason(choice.finish_reason) : null,
    servedModel: stringAt(body, "model") || null,
    terminal: true,
    error: isObject(body.error) ? textOf(body.error.code) || textOf(body.error.type) || "error" : null,
  };
}
