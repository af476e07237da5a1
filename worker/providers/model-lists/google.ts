import type { ModelFacts } from "../../catalog/model-facts.ts";
import { isObject } from "../../lib/json.ts";
import type { ModelList, ObservedModel } from "./model-list.ts";
import { known, lineAt, nameAt, tokensAt } from "./read-values.ts";

/** Google's list, in pages, with limits (Gemini API reference, "models.list"). */
export const googleList: ModelList = {
  path: (after) => `/v1beta/models?pageSize=1000${after === null ? "" : `&pageToken=${encodeURIComponent(after)}`}`,
  read(page) {
    if (!isObject(page) || !Array.isArray(page.models)) return null;
    const { nextPageToken } = page;
    return {
      models: page.models.flatMap(read),
      next: typeof nextPageToken === "string" && nextPageToken !== "" ? nextPageToken : null,
    };
  },
};

function read(entry: unknown): ObservedModel[] {
  const upstreamId = isObject(entry) ? (nameAt(entry, "name")?.replace(/^models\//, "") ?? null) : null;
  if (!isObject(entry) || upstreamId === null) return [];
  const methods: unknown[] = Array.isArray(entry.supportedGenerationMethods) ? entry.supportedGenerationMethods : [];
  const embeds = methods.includes("embedContent");
  const facts = known<ModelFacts>({
    displayName: lineAt(entry, "displayName"),
    // What generates may generate pictures or sound: of that the list says nothing.
    kind: embeds ? "embedding" : undefined,
    maxInputTokens: tokensAt(entry, "inputTokenLimit"),
    // Of vectors it says 1.
    maxOutputTokens: embeds ? undefined : tokensAt(entry, "outputTokenLimit"),
    // `thinking: true` does not tell whether a model can be kept from it.
    capabilities: entry.thinking === false ? { reasoning: "none" } : undefined,
  });
  return [{ upstreamId, facts }];
}
