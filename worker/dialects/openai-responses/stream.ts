import { isObject, objectAt, parseJson, stringAt, textOf } from "../../lib/json.ts";
import type { AnswerFacts } from "../dialect.ts";
import { readAnswer } from "./response.ts";

const TERMINAL = /"type"\s*:\s*"(?:response\.(?:completed|incomplete|failed)|error)"/;
/** A tool call announced in an item: a terminal may leave `output` out. */
const CALL_DONE = /"type"\s*:\s*"response\.output_item\.done"[\s\S]*"type"\s*:\s*"(?:function_call|custom_tool_call)"/;

/** One event of a Responses stream: only terminals carry usage. */
export function step(facts: AnswerFacts, data: string): AnswerFacts {
  if (!TERMINAL.test(data)) {
    return facts.stopReason === null && CALL_DONE.test(data) ? { ...facts, stopReason: "tool_use" } : facts;
  }
  const event = parseJson(data);
  if (!isObject(event)) return facts;
  const type = stringAt(event, "type");
  if (type === "error") {
    const error = objectAt(event, "error") ?? event;
    return { ...facts, error: textOf(error.code) || textOf(error.type) || "error" };
  }
  if (type !== "response.completed" && type !== "response.incomplete" && type !== "response.failed") return facts;
  const answer = readAnswer(event.response);
  const callsSeen = facts.stopReason === "tool_use" && answer.stopReason === "end_turn";
  return {
    ...answer,
    usage: answer.usage ?? facts.usage,
    stopReason: callsSeen ? "tool_use" : answer.stopReason,
    error: type === "response.failed" ? (answer.error ?? "server_error") : null,
  };
}

/** Characters of one delta event. */
export function observedText(data: string): number {
  return data.includes(".delta") ? (stringAt(parseJson(data), "delta")?.length ?? 0) : 0;
}

/** A comment, as OpenRouter sends it while a model gets ready. */
export const KEEP_ALIVE = ": keep-alive\n\n";
