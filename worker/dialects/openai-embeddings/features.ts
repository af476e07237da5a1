import type { RequestFeatures } from "../../canonical/request-features.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Operation } from "../dialect.ts";
import { FeatureList } from "../features.ts";

/** Embeddings take text, or the numbers of its tokens: each has a digit at least, and so a byte. */
export function requestFeatures(body: JsonObject, _operation: Operation): RequestFeatures {
  const list = new FeatureList("openai-embeddings");
  list.openrouter(body);
  return list.found;
}
