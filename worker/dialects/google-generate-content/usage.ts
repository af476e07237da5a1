import type { Usage } from "../../canonical/usage.ts";
import { arrayAt, countAt, isObject, type JsonObject, stringAt } from "../../lib/json.ts";
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
  const audioIn = modality(raw, "promptTokensDetails", "AUDIO");
  const audioOut = modality(raw, "candidatesTokensDetails", "AUDIO");
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

/** Canonical → Gemini usage: candidates without thoughts, zeros left out as proto JSON does. */
export function encodeUsage({ input, output, serviceTier }: Usage): JsonObject {
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
