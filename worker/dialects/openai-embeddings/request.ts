import type { JsonObject } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { optionalCount, optionalString, refuseRouting, requireNonEmptyArray } from "../validation.ts";

/** Reads an embeddings request; `input` is a text, texts, or token arrays. */
export function readRequest(body: JsonObject, _context: RequestContext): RequestFacts {
  if (typeof body.input !== "string") requireNonEmptyArray(body, "input");
  refuseRouting(body);
  optionalCount(body, "dimensions", 1);
  return {
    stream: false,
    wantsUsage: true,
    outputCap: 0,
    candidates: 1,
    media: false,
    endUser: optionalString(body, "user"),
    session: null,
  };
}
