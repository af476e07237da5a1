import type { JsonObject } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalString, refuseRouting } from "../validation.ts";

/** Reads an embeddings request. What is embedded is between the client and the provider. */
export function readRequest(body: JsonObject, _context: RequestContext): RequestFacts {
  refuseRouting(body);
  return {
    stream: false,
    wantsUsage: true,
    outputCap: 0,
    candidates: 1,
    media: false,
    endUser: optionalString(body, "user"),
    session: null,
    toolsWithReasoning: false,
  };
}
