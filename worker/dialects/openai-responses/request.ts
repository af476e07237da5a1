import { arrayAt, countAt, isObject, type JsonObject, objectAt } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalBoolean, optionalString, refuseRouting, requireNonEmptyArray } from "../validation.ts";

/** These stand for an input that the provider keeps (OpenAI API reference, "Create a model response"). */
const STORED_INPUT = ["prompt", "previous_response_id", "conversation"];

/** Reads a Responses request. */
export function readRequest(body: JsonObject, _context: RequestContext): RequestFacts {
  const stored = STORED_INPUT.some((name) => body[name] !== undefined && body[name] !== null);
  if (typeof body.input !== "string" && !(stored && (body.input === undefined || body.input === null))) {
    requireNonEmptyArray(body, "input");
  }
  refuseRouting(body);
  return {
    stream: optionalBoolean(body, "stream") ?? false,
    wantsUsage: true,
    outputCap: countAt(body, "max_output_tokens") ?? null,
    candidates: 1,
    media: arrayAt(body, "tools").some((tool) => isObject(tool) && tool.type === "image_generation"),
    endUser: optionalString(body, "safety_identifier") ?? optionalString(body, "user"),
    toolsWithReasoning: arrayAt(body, "tools").length > 0 && objectAt(body, "reasoning")?.effort !== "none",
    session: optionalString(body, "session_id") ?? optionalString(body, "prompt_cache_key"),
  };
}
