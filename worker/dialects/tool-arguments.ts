import type { Losses } from "../canonical/losses.ts";
import type { ToolCallPart } from "../canonical/message.ts";
import { isObject, type JsonObject, parseRewritable } from "../lib/json.ts";

/**
 * A call's arguments for a vendor that wants an object. No text is no arguments; free text becomes the one parameter of
 * the function that stands for its tool; what is no object is wrapped rather than lost.
 */
export function argumentsObject(call: ToolCallPart, losses: Losses | null): JsonObject {
  if (call.kind === "custom") return { input: call.arguments };
  if (call.arguments.trim() === "") return {};
  const value = parseRewritable(call.arguments);
  if (isObject(value)) return value;
  losses?.add("part_converted", call.source?.path ?? "answer");
  return value === undefined ? { _raw: call.arguments } : { value };
}
