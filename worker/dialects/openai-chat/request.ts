import { arrayAt, type JsonObject, objectAt } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalBoolean, optionalCount, optionalString, refuseRouting, requireNonEmptyArray } from "../validation.ts";

/** Reads a Chat Completions request (OpenAI API reference, "Create chat completion"). */
export function readRequest(body: JsonObject, _context: RequestContext): RequestFacts {
  requireNonEmptyArray(body, "messages");
  refuseRouting(body);
  const stream = optionalBoolean(body, "stream") ?? false;
  const newCap = optionalCount(body, "max_completion_tokens", 1);
  const oldCap = optionalCount(body, "max_tokens", 1);
  return {
    stream,
    wantsUsage: objectAt(body, "stream_options")?.include_usage === true,
    outputCap: newCap ?? oldCap ?? null,
    candidates: optionalCount(body, "n", 1) ?? 1,
    media: arrayAt(body, "modalities").some((modality) => modality === "audio" || modality === "image"),
    endUser: optionalString(body, "safety_identifier") ?? optionalString(body, "user"),
    session: optionalString(body, "session_id") ?? optionalString(body, "prompt_cache_key"),
  };
}
