import { outputOf, toldUsage, type Usage } from "../../canonical/usage.ts";
import { countAt, isObject, type JsonObject, objectAt } from "../../lib/json.ts";
import { providerCost } from "../provider-cost.ts";

/**
 * Chat usage: `prompt_tokens` includes cached tokens, `completion_tokens` includes reasoning. Cache
 * writes are unadjusted at OpenAI, so they are clamped to what reads leave. DeepSeek spells hits
 * `prompt_cache_hit_tokens`. xAI keeps reasoning outside `completion_tokens`; its `total_tokens` shows it.
 *
 * OpenRouter counts the searches it ran. Returns null when the figures are not token counts.
 */
export function decodeUsage(raw: unknown): Usage | null {
  if (!isObject(raw)) return null;
  const prompt = countAt(raw, "prompt_tokens");
  if (prompt === undefined) return null;
  const completion = raw.completion_tokens === undefined ? 0 : countAt(raw, "completion_tokens");
  if (completion === undefined) return null;
  const input = objectAt(raw, "prompt_tokens_details");
  const output = objectAt(raw, "completion_tokens_details");
  const reasoning = countAt(output, "reasoning_tokens") ?? 0;
  const reported = countAt(raw, "total_tokens");
  const outside = reasoning > 0 && reported === prompt + completion + reasoning;
  const told = {
    cacheRead: countAt(input, "cached_tokens") ?? countAt(raw, "prompt_cache_hit_tokens") ?? 0,
    cacheWrite: countAt(input, "cache_write_tokens") ?? 0,
  };
  const cacheRead = Math.min(prompt, told.cacheRead);
  const cacheWrite = Math.min(prompt - cacheRead, told.cacheWrite);
  const impossible = cacheRead !== told.cacheRead || cacheWrite !== told.cacheWrite;
  return {
    input: {
      total: prompt,
      uncached: prompt - cacheRead - cacheWrite,
      cacheRead,
      cacheWrite,
      ...(impossible ? { told } : {}),
      ...optional("audio", countAt(input, "audio_tokens")),
      ...optional("image", countAt(input, "image_tokens")),
    },
    output: {
      ...(outside ? { total: completion + reasoning, reasoning } : outputOf(completion, reasoning)),
      ...optional("audio", countAt(output, "audio_tokens")),
      ...optional("image", countAt(output, "image_tokens")),
    },
    ...searches(raw),
    ...providerCost(raw),
    raw,
  };
}

/** OpenRouter has spelled it in two ways. */
function searches(raw: JsonObject): Pick<Usage, "serverTools"> {
  const told = objectAt(raw, "server_tool_use_details") ?? objectAt(raw, "server_tool_use");
  const webSearch = countAt(told, "web_search_requests");
  return webSearch ? { serverTools: { webSearch } } : {};
}

const optional = <K extends string>(key: K, value: number | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: number };

/** Canonical → Chat usage: totals that include the parts. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output } = toldUsage(usage);
  const { cacheRead, cacheWrite } = input.told ?? input;
  return {
    prompt_tokens: input.total,
    completion_tokens: output.told ?? output.total,
    total_tokens: input.total + (output.told ?? output.total),
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      audio_tokens: input.audio ?? 0,
      ...(cacheWrite === 0 ? {} : { cache_write_tokens: cacheWrite }),
    },
    completion_tokens_details: {
      reasoning_tokens: output.reasoning ?? 0,
      audio_tokens: output.audio ?? 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
