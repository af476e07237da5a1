import type { ModelFacts } from "../../catalog/model-facts.ts";
import type { ModelCapabilities, ModelKind, RateRecord } from "../../catalog/models.ts";
import { isObject, type JsonObject, objectAt } from "../../lib/json.ts";
import type { ModelList, ObservedModel } from "./model-list.ts";
import {
  dayAt,
  dayOfSeconds,
  inputsAt,
  known,
  lineAt,
  nameAt,
  outputsAt,
  perMillion,
  tokensAt,
} from "./read-values.ts";

/** OpenRouter's list: one page with limits, modalities, what requests may name, and prices (API reference, "Models"). */
export const openrouterList: ModelList = {
  path: () => "/models",
  read(page) {
    if (!isObject(page) || !Array.isArray(page.data)) return null;
    return { models: page.data.flatMap(read), next: null };
  },
};

function read(entry: unknown): ObservedModel[] {
  const upstreamId = isObject(entry) ? nameAt(entry, "id") : null;
  if (!isObject(entry) || upstreamId === null) return [];
  const architecture = objectAt(entry, "architecture");
  const outputs = outputsAt(architecture, "output_modalities");
  const facts = known<ModelFacts>({
    displayName: lineAt(entry, "name"),
    kind: kindOf(outputs),
    contextWindow: tokensAt(entry, "context_length"),
    maxOutputTokens: tokensAt(entry.top_provider, "max_completion_tokens"),
    inputModalities: inputsAt(architecture, "input_modalities"),
    outputModalities: outputs,
    releaseDate: dayOfSeconds(entry, "created"),
    deprecationDate: dayAt(entry, "expiration_date"),
    capabilities: flagsOf(entry),
  });
  const rates = ratesOf(entry);
  return [{ upstreamId, facts, ...(rates === undefined ? {} : { rates }) }];
}

function kindOf(outputs: readonly string[] | undefined): ModelKind | undefined {
  if (outputs === undefined || outputs.includes("text")) return outputs && "chat";
  if (outputs.includes("embedding")) return "embedding";
  return outputs.includes("image") ? "image" : "audio";
}

/** What a request may name, a model can do. */
function flagsOf(entry: JsonObject): ModelCapabilities | undefined {
  const named: unknown = entry.supported_parameters;
  if (!Array.isArray(named) || named.length === 0) return undefined;
  const mandatory = objectAt(entry, "reasoning")?.mandatory;
  const reasons = named.includes("reasoning");
  const steered = typeof mandatory === "boolean" ? (mandatory ? "always" : "optional") : undefined;
  return known<ModelCapabilities>({
    tools: named.includes("tools"),
    structuredOutput: named.includes("structured_outputs"),
    reasoning: reasons ? steered : "none",
    samplingParams: named.includes("temperature"),
  });
}

function ratesOf(entry: JsonObject): RateRecord | undefined {
  const pricing = objectAt(entry, "pricing");
  const [input, output] = [perMillion(pricing?.prompt), perMillion(pricing?.completion)];
  if (input === undefined || output === undefined) return undefined;
  const [read, write] = [perMillion(pricing?.input_cache_read), perMillion(pricing?.input_cache_write)];
  return {
    ...{ input, output },
    ...(read === undefined ? {} : { cacheRead: read }),
    ...(write === undefined ? {} : { cacheWrite5m: write }),
  };
}
