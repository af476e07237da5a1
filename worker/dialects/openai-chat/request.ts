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
    outputCap: capOf(body),
    candidates: countAt(body, "n") ?? 1,
    media: arrayAt(body, "modalities").some((modality) => modality === "audio" || modality === "image"),
    endUser: optionalString(body, "safety_identifier") ?? optionalString(body, "user"),
    toolsWithReasoning: arrayAt(body, "tools").length > 0 && body.reasoning_effort !== "none",
    session: optionalString(body, "session_id") ?? optionalString(body, "prompt_cache_key"),
  };
}

/** OpenAI takes one of them; hosts that take both go by either, so that the higher one counts. */
function capOf(body: JsonObject): number | null {
  const caps = [countAt(body, "max_completion_tokens"), countAt(body, "max_tokens")].filter((cap) => cap !== undefined);
  return caps.length === 0 ? null : Math.max(...caps);
}
