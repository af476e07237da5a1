import { arrayAt, countAt, type JsonObject, objectAt } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalBoolean, optionalString, refuseRouting, requireNonEmptyArray } from "../validation.ts";

/** Reads a Chat Completions request (OpenAI API reference, "Create chat completion"). */
export function readRequest(body: JsonObject, _context: RequestContext): RequestFacts {
  requireNonEmptyArray(body, "messages");
  refuseRouting(body);
  const stream = optionalBoolean(body, "stream") ?? false;
  return {
    stream,
    wantsUsage: objectAt(body, "stream_options")?.include_usage === true,
    outputCap: countAt(body, "max_completion_tokens") ?? countAt(body, "max_tokens") ?? null,
    candidates: countAt(body, "n") ?? 1,
    media: arrayAt(body, "modalities").some((modality) => modality === "audio" || modality === "image"),
    endUser: optionalString(body, "safety_identifier") ?? optionalString(body, "user"),
    toolsWithReasoning: arrayAt(body, "tools").length > 0 && body.reasoning_effort !== "none",
    session: optionalString(body, "session_id") ?? optionalString(body, "prompt_cache_key"),
  };
}
