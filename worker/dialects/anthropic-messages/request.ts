import { arrayAt, countAt, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalBoolean, refuseRouting, requireNonEmptyArray } from "../validation.ts";

/** Reads a Messages request or a count_tokens request, which has the same body without `max_tokens`. */
export function readRequest(body: JsonObject, context: RequestContext): RequestFacts {
  requireNonEmptyArray(body, "messages");
  refuseRouting(body);
  const endUser = stringAt(objectAt(body, "metadata"), "user_id");
  return {
    stream: context.operation === "generate" && (optionalBoolean(body, "stream") ?? false),
    wantsUsage: true,
    // A cap that is none (0 apart, which pre-warms the cache) the provider refuses in its own words.
    outputCap: countAt(body, "max_tokens") ?? null,
    candidates: 1,
    media: false,
    endUser: endUser || null,
    session: null,
    toolsWithReasoning: arrayAt(body, "tools").length > 0 && objectAt(body, "thinking")?.type !== "disabled",
  };
}
