import { type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalBoolean, optionalCount, refuseRouting, requireNonEmptyArray } from "../validation.ts";

/** Reads a Messages request or a count_tokens request, which has the same body without `max_tokens`. */
export function readRequest(body: JsonObject, context: RequestContext): RequestFacts {
  requireNonEmptyArray(body, "messages");
  refuseRouting(body);
  // 0 is allowed: it pre-warms the cache (DIALECTS §2.7). Whether it must be there, the provider says in its own words.
  const cap = optionalCount(body, "max_tokens", 0);
  const endUser = stringAt(objectAt(body, "metadata"), "user_id");
  return {
    stream: context.operation === "generate" && (optionalBoolean(body, "stream") ?? false),
    wantsUsage: true,
    outputCap: cap ?? null,
    candidates: 1,
    media: false,
    endUser: endUser || null,
    session: null,
  };
}
