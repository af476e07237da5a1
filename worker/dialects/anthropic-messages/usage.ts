import { toldUsage, type Usage } from "../../canonical/usage.ts";
import { arrayAt, countAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { providerCost } from "../provider-cost.ts";

const count = (raw: JsonObject, key: string): number => countAt(raw, key) ?? 0;

/** A figure that is there and is no token count makes the whole object untrustworthy. */
const broken = (raw: JsonObject): boolean =>
  ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"].some(
    (key) => raw[key] !== undefined && raw[key] !== null && countAt(raw, key) === undefined,
  );

/**
 * What shortened the history before the answer: billed as well, and not within the totals (compaction guide). Its other
 * iterations are in them, or are another model's at a price of its own.
 */
const compactions = (raw: JsonObject): JsonObject[] =>
  arrayAt(raw, "iterations").filter((one): one is JsonObject => stringAt(one, "type") === "compaction");

/** The tokens of an answer and its iterations, summed. Only the answer tells how much of it was thinking. */
function totals(parts: readonly JsonObject[]): Pick<Usage, "input" | "output"> {
  const sum = (key: string): number => parts.reduce((total, one) => total + count(one, key), 0);
  const uncached = sum("input_tokens");
  const cacheRead = sum("cache_read_input_tokens");
  const cacheWrite = sum("cache_creation_input_tokens");
  const written = (key: string): number | undefined => {
    const told = parts.flatMap((one) => countAt(objectAt(one, "cache_creation"), key) ?? []);
    return told.length === 0 ? undefined : told.reduce((total, some) => total + some, 0);
  };
  const write5m = written("ephemeral_5m_input_tokens");
  const write1h = written("ephemeral_1h_input_tokens");
  const [answer] = parts;
  return {
    input: {
      total: uncached + cacheRead + cacheWrite,
      uncached,
      cacheRead,
      cacheWrite,
      ...(write5m === undefined ? {} : { cacheWrite5m: write5m }),
      ...(write1h === undefined ? {} : { cacheWrite1h: write1h }),
    },
    output: {
      total: sum("output_tokens"),
      reasoning: countAt(objectAt(answer, "output_tokens_details"), "thinking_tokens") ?? 0,
    },
  };
}

/**
 * Messages usage: `input_tokens` excludes both cache buckets; `output_tokens` includes thinking. A stream
 * sends running totals twice: later figures overwrite earlier ones where they are there, which the caller
 * does by merging the raw objects first. Returns null when there are no usable figures.
 */
export function decodeUsage(raw: unknown): Usage | null {
  if (!isObject(raw) || broken(raw)) return null;
  if (countAt(raw, "input_tokens") === undefined && countAt(raw, "output_tokens") === undefined) return null;
  const beside = compactions(raw);
  const tools = objectAt(raw, "server_tool_use");
  const webSearch = countAt(tools, "web_search_requests");
  const webFetch = countAt(tools, "web_fetch_requests");
  // `speed: fast` is billed as the priority rate whatever the tier says.
  const tier = stringAt(raw, "speed") === "fast" ? "fast" : stringAt(raw, "service_tier");
  return {
    ...totals([raw, ...beside]),
    ...(beside.length === 0 ? {} : { answer: totals([raw]) }),
    ...(webSearch || webFetch
      ? {
          serverTools: {
            ...(webSearch ? { webSearch } : {}),
            ...(webFetch ? { webFetch } : {}),
          },
        }
      : {}),
    ...(tier ? { serviceTier: tier } : {}),
    ...providerCost(raw),
    raw,
  };
}

/** Later totals over earlier ones; a null or missing figure leaves the earlier one standing. */
export function mergeUsage(earlier: unknown, later: unknown): JsonObject {
  const merged: JsonObject = isObject(earlier) ? { ...earlier } : {};
  if (isObject(later)) {
    for (const [key, value] of Object.entries(later)) {
      if (value !== null && value !== undefined) merged[key] = value;
    }
  }
  return merged;
}

/** Canonical → Messages usage: `input_tokens` without both cache buckets. Every key the SDK types is there. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output, serverTools, serviceTier } = toldUsage(usage);
  // OpenAI's longer life is the longer one here, as in requests.
  const longer = input.cacheWrite1h ?? input.cacheWrite12h ?? 0;
  return {
    input_tokens: input.uncached,
    cache_creation_input_tokens: input.cacheWrite,
    cache_read_input_tokens: input.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: input.cacheWrite5m ?? Math.max(0, input.cacheWrite - longer),
      ephemeral_1h_input_tokens: Math.min(longer, input.cacheWrite),
    },
    output_tokens: output.told ?? output.total,
    output_tokens_details: { thinking_tokens: output.reasoning ?? 0 },
    server_tool_use:
      // Others' tools have no place here.
      serverTools?.webSearch === undefined && serverTools?.webFetch === undefined
        ? null
        : {
            web_search_requests: serverTools.webSearch ?? 0,
            web_fetch_requests: serverTools.webFetch ?? 0,
          },
    service_tier: ownValue(TIERS, serviceTier) ?? "standard",
    inference_geo: null,
    speed: null,
  };
}

/** The tiers Messages names in its usage. */
const TIERS: Record<string, string> = { standard: "standard", priority: "priority", batch: "batch" };
