import type { ModelFacts } from "../../catalog/model-facts.ts";
import type { ModelCapabilities } from "../../catalog/models.ts";
import { isObject, objectAt } from "../../lib/json.ts";
import type { ModelList, ObservedModel } from "./model-list.ts";
import { dayAt, known, lineAt, nameAt, tokensAt } from "./read-values.ts";

/** Anthropic's list, in pages, with limits and what a model can do (API reference, "List models"). */
export const anthropicList: ModelList = {
  path: (after) => `/v1/models?limit=1000${after === null ? "" : `&after_id=${encodeURIComponent(after)}`}`,
  read(page) {
    if (!isObject(page) || !Array.isArray(page.data)) return null;
    return {
      models: page.data.flatMap(read),
      next: page.has_more === true && typeof page.last_id === "string" ? page.last_id : null,
    };
  },
};

function read(entry: unknown): ObservedModel[] {
  const upstreamId = isObject(entry) ? nameAt(entry, "id") : null;
  if (!isObject(entry) || upstreamId === null) return [];
  const capabilities = objectAt(entry, "capabilities");
  const facts = known<ModelFacts>({
    displayName: lineAt(entry, "display_name"),
    kind: "chat",
    releaseDate: dayAt(entry, "created_at"),
    deprecationDate: dayAt(entry, "retires_at"),
    maxInputTokens: tokensAt(entry, "max_input_tokens"),
    maxOutputTokens: tokensAt(entry, "max_tokens"),
    inputModalities: inputsOf(capabilities),
    capabilities: flagsOf(capabilities),
  });
  return [{ upstreamId, facts }];
}

type Told = ReturnType<typeof objectAt>;

const supported = (told: Told, name: string): boolean | undefined => {
  const value = objectAt(told, name)?.supported;
  return typeof value === "boolean" ? value : undefined;
};

function inputsOf(told: Told): string[] | undefined {
  const [image, pdf] = [supported(told, "image_input"), supported(told, "pdf_input")];
  if (image === undefined || pdf === undefined) return undefined;
  return ["text", ...(image ? ["image"] : []), ...(pdf ? ["pdf"] : [])];
}

function flagsOf(told: Told): ModelCapabilities | undefined {
  const thinks = supported(told, "thinking");
  const stops = supported(objectAt(objectAt(told, "thinking"), "types"), "disabled");
  const reasoning = thinks === false ? "none" : thinks === undefined || stops === undefined ? undefined : stops;
  const flags = known<ModelCapabilities>({
    structuredOutput: supported(told, "structured_outputs"),
    reasoning: typeof reasoning === "boolean" ? (reasoning ? "optional" : "always") : reasoning,
  });
  return Object.keys(flags).length === 0 ? undefined : flags;
}
