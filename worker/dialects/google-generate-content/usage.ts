import { toldUsage, type Usage } from "../../canonical/usage.ts";
import { arrayAt, countAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { TIERS } from "./settings.ts";

const FIGURES = [
  "promptTokenCount",
  "toolUsePromptTokenCount",
  "cachedContentTokenCount",
  "candidatesTokenCount",
  "thoughtsTokenCount",
];

function modality(raw: JsonObject, key: string, name: string): number | undefined {
  const found = arrayAt(raw, key).find((entry) => stringAt(entry, "modality") === name);
  return countAt(found, "tokenCount");
}

/** Embeddings spell the list otherwise. */
const inputModality = (raw: JsonObject, name: string): number | undefined =>
  modality(raw, "promptTokensDetails", name) ?? modality(raw, "promptTokenDetails", name);

/**
 * Gemini usage: `promptTokenCount` includes cached content, `candidatesTokenCount` excludes thoughts, and
 * what server tools read counts as input. Embeddings carry `promptTokenCount` alone. A figure that is missing is zero, as
 * proto JSON leaves zeros out. Null when a figure is no token count.
 */
export function decodeUsage(raw: unknown): Usage | null {
  if (!isObject(raw)) return null;
  if (FIGURES.some((key) => raw[key] !== undefined && countAt(raw, key) === undefined)) return null;
  const prompt = countAt(raw, "promptTokenCount") ?? 0;
  const toolUse = countAt(raw, "toolUsePromptTokenCount") ?? 0;
  const cached = countAt(raw, "cachedContentTokenCount") ?? 0;
  const cacheRead = Math.min(prompt, cached);
  const thoughts = countAt(raw, "thoughtsTokenCount") ?? 0;
  const audioIn = inputModality(raw, "AUDIO");
  const audioOut = modality(raw, "candidatesTokensDetails", "AUDIO");
  const [imageIn, videoIn] = ["IMAGE", "VIDEO"].map((name) => inputModality(raw, name));
  const imageOut = modality(raw, "candidatesTokensDetails", "IMAGE");
  const tier = stringAt(raw, "serviceTier") ?? stringAt(raw, "trafficType");
  return {
    input: {
      total: prompt + toolUse,
      uncached: prompt - cacheRead + toolUse,
      cacheRead,
      cacheWrite: 0,
      ...(cacheRead === cached ? {} : { told: { cacheRead: cached, cacheWrite: 0 } }),
      ...(audioIn === undefined ? {} : { audio: audioIn }),
      ...(imageIn === undefined ? {} : { image: imageIn }),
      ...(videoIn === undefined ? {} : { video: videoIn }),
      ...(toolUse === 0 ? {} : { toolUsePrompt: toolUse }),
    },
    output: {
      total: (countAt(raw, "candidatesTokenCount") ?? 0) + thoughts,
      reasoning: thoughts,
      ...(audioOut === undefined ? {} : { audio: audioOut }),
      ...(imageOut === undefined ? {} : { image: imageOut }),
    },
    ...(tier ? { serviceTier: tier } : {}),
    raw,
  };
}

/**
 * The usage of a whole answer, or of a stream so far: a chunk's figures over `earlier` ones, with what Google has searched
 * and read itself. Its usage does not count that; the grounding beside it names each query.
 */
export function usageOf(chunk: unknown, earlier: Usage | null): Usage | null {
  const usage = decodeUsage(isObject(chunk) ? chunk.usageMetadata : undefined) ?? earlier;
  if (usage === null) return null;
  let [webSearch, webFetch] = [0, 0];
  for (const candidate of arrayAt(chunk, "candidates")) {
    webSearch += arrayAt(objectAt(candidate, "groundingMetadata"), "webSearchQueries").length;
    webFetch += arrayAt(objectAt(candidate, "urlContextMetadata"), "urlMetadata").length;
  }
  // Later chunks repeat what earlier ones said, or leave it out.
  webSearch = Math.max(webSearch, earlier?.serverTools?.webSearch ?? 0);
  webFetch = Math.max(webFetch, earlier?.serverTools?.webFetch ?? 0);
  if (webSearch + webFetch === 0) return usage;
  return {
    ...usage,
    serverTools: { ...(webSearch > 0 ? { webSearch } : {}), ...(webFetch > 0 ? { webFetch } : {}) },
  };
}

/** Canonical → Gemini usage: candidates without thoughts, zeros left out as proto JSON does. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output, serviceTier } = toldUsage(usage);
  const { cacheRead } = input.told ?? input;
  const toolUse = input.toolUsePrompt ?? 0;
  const reasoning = output.reasoning ?? 0;
  const tier = ownValue(TIERS, serviceTier?.toLowerCase());
  return {
    promptTokenCount: input.total - toolUse,
    ...(cacheRead === 0 ? {} : { cachedContentTokenCount: cacheRead }),
    candidatesTokenCount: output.total - reasoning,
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
    ...(toolUse === 0 ? {} : { toolUsePromptTokenCount: toolUse }),
    totalTokenCount: input.total + output.total,
    ...(tier === undefined ? {} : { serviceTier: tier }),
  };
}
