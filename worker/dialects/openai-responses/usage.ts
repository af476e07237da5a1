import { outputOf, toldUsage, type Usage } from "../../canonical/usage.ts";
import { arrayAt, countAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import { providerCost } from "../provider-cost.ts";

/**
 * Responses usage: `input_tokens` includes cached tokens and cache writes, `output_tokens` includes
 * reasoning. OpenRouter adds `cost` in USD. Returns null when the figures are not token counts.
 */
export function decodeUsage(raw: unknown): Usage | null {
  if (!isObject(raw)) return null;
  const input = countAt(raw, "input_tokens");
  const output = countAt(raw, "output_tokens");
  if (input === undefined || output === undefined) return null;
  const details = objectAt(raw, "input_tokens_details");
  const told = {
    cacheRead: countAt(details, "cached_tokens") ?? 0,
    cacheWrite: countAt(details, "cache_write_tokens") ?? 0,
  };
  const cacheRead = Math.min(input, told.cacheRead);
  const cacheWrite = Math.min(input - cacheRead, told.cacheWrite);
  const impossible = cacheRead !== told.cacheRead || cacheWrite !== told.cacheWrite;
  const writes = objectAt(details, "cache_write_tokens_details");
  const write30m = countAt(writes, "ttl_30m_tokens");
  const write12h = countAt(writes, "ttl_12h_tokens");
  return {
    input: {
      total: input,
      uncached: input - cacheRead - cacheWrite,
      cacheRead,
      cacheWrite,
      ...(impossible ? { told } : {}),
      ...(write30m === undefined ? {} : { cacheWrite30m: write30m }),
      ...(write12h === undefined ? {} : { cacheWrite12h: write12h }),
    },
    output: outputOf(output, countAt(objectAt(raw, "output_tokens_details"), "reasoning_tokens") ?? 0),
    ...providerCost(raw),
    raw,
  };
}

/** Calls of OpenAI's own tools: as told beside the usage, else as they stand in the output. */
function serverToolsOf(response: unknown): Usage["serverTools"] {
  const items = arrayAt(response, "output");
  const ofType = (type: string) => items.filter((item) => stringAt(item, "type") === type);
  // A page that is opened, or searched through, is no search.
  const searches = ofType("web_search_call").filter(
    (item) => (stringAt(objectAt(item, "action"), "type") ?? "search") === "search",
  );
  const containers = ofType("code_interpreter_call").map((item) => stringAt(item, "container_id"));
  const counts = {
    webSearch: countAt(objectAt(objectAt(response, "tool_usage"), "web_search"), "num_requests") ?? searches.length,
    fileSearch: ofType("file_search_call").length,
    codeSessions: new Set(containers).size,
    images: ofType("image_generation_call").length,
  };
  const used = Object.entries(counts).filter(([, count]) => count > 0);
  return used.length === 0 ? undefined : Object.fromEntries(used);
}

/** The usage of a Response, with what stands beside it: the tier, and the tools that OpenAI ran itself. */
export function usageOf(response: unknown): Usage | null {
  const usage = decodeUsage(isObject(response) ? response.usage : undefined);
  if (usage === null) return null;
  const serviceTier = stringAt(response, "service_tier");
  const serverTools = serverToolsOf(response);
  return { ...usage, ...(serviceTier ? { serviceTier } : {}), ...(serverTools === undefined ? {} : { serverTools }) };
}

/** Canonical → Responses usage: totals that include the parts; both objects of details are required. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output } = toldUsage(usage);
  return {
    input_tokens: input.total,
    input_tokens_details: {
      cached_tokens: (input.told ?? input).cacheRead,
      cache_write_tokens: (input.told ?? input).cacheWrite,
    },
    output_tokens: output.told ?? output.total,
    output_tokens_details: { reasoning_tokens: output.reasoning ?? 0 },
    total_tokens: input.total + (output.told ?? output.total),
  };
}
