import type { Losses } from "../canonical/losses.ts";
import type { CacheMark } from "../canonical/message.ts";
import type { Source } from "../canonical/source.ts";
import type { JsonObject } from "../lib/json.ts";
import type { Fields } from "./fields.ts";

/** The two spellings of a cache mark: Anthropic's, which OpenRouter takes in Chat too, and OpenAI's. */
const SPELLINGS = ["cache_control", "prompt_cache_breakpoint"] as const;
type Spelling = (typeof SPELLINGS)[number];

/** The one kind of mark that each knows. */
const KINDS: Record<Spelling, string> = { cache_control: "ephemeral", prompt_cache_breakpoint: "explicit" };

const TTLS = ["5m", "30m", "1h", "12h"];

/** A mark on what `fields` describe, with the name it stood under; nothing when there is none. */
export function readCacheMark(fields: Fields): { cache?: CacheMark; cacheKey?: Spelling } {
  for (const cacheKey of SPELLINGS) {
    const mark = fields.nested(cacheKey);
    if (mark === undefined) continue;
    const key = cacheKey === "cache_control" ? "type" : "mode";
    if (mark.peek(key) !== KINDS[cacheKey]) {
      fields.leave(cacheKey);
      continue;
    }
    mark.take(key);
    const ttl = mark.string("ttl");
    if (ttl === undefined) return { cache: {}, cacheKey };
    if (!TTLS.includes(ttl)) mark.leave("ttl");
    return { cache: { ttl: ttl as NonNullable<CacheMark["ttl"]> }, cacheKey };
  }
  return {};
}

/**
 * A mark as OpenAI writes it for a client of another dialect: its shorter life for one that is to live for minutes, its
 * longer one only for what was asked for in its own words. Another life than was asked for is named.
 */
export function openAiBreakpoint({ ttl }: CacheMark, source: Source | undefined, losses: Losses): JsonObject {
  const life = ttl === "12h" ? "12h" : "30m";
  if (ttl !== undefined && ttl !== life) losses.add("cache_ttl_changed", source?.path ?? "messages");
  return cacheBreakpoint({ ttl: life });
}

export const cacheControl = (cache: CacheMark): JsonObject => ({
  cache_control: { type: "ephemeral", ...(cache.ttl === undefined ? {} : { ttl: cache.ttl }) },
});

export const cacheBreakpoint = (cache: CacheMark): JsonObject => ({
  prompt_cache_breakpoint: { mode: "explicit", ...(cache.ttl === undefined ? {} : { ttl: cache.ttl }) },
});
