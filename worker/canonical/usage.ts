import type { Losses } from "./losses.ts";

/**
 * Token usage of one request, in the form every dialect decodes to and encodes from.
 *
 * Invariants: `input.total = uncached + cacheRead + cacheWrite`; `output.total` includes `reasoning`.
 * All values are non-negative safe integers (tokens).
 */
export interface Usage {
  input: {
    total: number;
    uncached: number;
    cacheRead: number;
    cacheWrite: number;
    /** The parts of `cacheWrite` by time to live, where the provider names them. */
    cacheWrite5m?: number;
    cacheWrite30m?: number;
    cacheWrite1h?: number;
    cacheWrite12h?: number;
    /** The parts of `total` by modality, where the provider names them. */
    audio?: number;
    image?: number;
    video?: number;
    toolUsePrompt?: number;
    /** What the provider said of the cache where that cannot be: more than the whole prompt. Shown, never billed. */
    told?: { cacheRead: number; cacheWrite: number };
  };
  output: {
    total: number;
    reasoning?: number;
    audio?: number;
    image?: number;
    /** The total as the provider told it, where it cannot be: less than its reasoning. Shown, never billed. */
    told?: number;
  };
  /**
   * What the answer alone came to, where more was billed beside it: a history that was shortened first. Clients take it
   * for the length of their conversation, so it is what they are told; it is never billed.
   */
  answer?: Pick<Usage, "input" | "output">;
  /** Calls of the provider's own tools, where it tells them or they can be counted. */
  serverTools?: {
    webSearch?: number;
    webFetch?: number;
    fileSearch?: number;
    /** Containers in which code has run. */
    codeSessions?: number;
    /** Images made by a tool. */
    images?: number;
  };
  /** What the provider itself says it charged (OpenRouter's `usage.cost`), in nano-USD. */
  providerCostNano?: number;
  /** The service tier the provider billed, in its own word (`priority`, `flex`, `batch`, …). */
  serviceTier?: string;
  /** True when the provider gave no final figures: we counted ourselves, or have yet to. */
  estimated?: boolean;
  /** The provider's own usage object, as it sent it. */
  raw?: unknown;
}

/**
 * The output, from figures of which reasoning is a part. More reasoning than the whole stands beside it: Vercel's AI gateway
 * tells it so for some models, and its price proves it.
 */
export const outputOf = (told: number, reasoning: number): Usage["output"] =>
  reasoning > told ? { total: told + reasoning, reasoning, told } : { total: told, reasoning };

/** The usage as a client is told it. */
export const toldUsage = (usage: Usage): Usage => (usage.answer === undefined ? usage : { ...usage, ...usage.answer });

/** A usage of nothing, marked as ours. */
export const noUsage = (): Usage => ({
  input: { total: 0, uncached: 0, cacheRead: 0, cacheWrite: 0 },
  output: { total: 0 },
  estimated: true,
});

/** The same for a dialect that must have figures, where the provider told none. */
export function untoldUsage(losses: Losses): Usage {
  losses.add("usage_estimated", "answer.usage");
  return noUsage();
}

/** Input tokens and nothing else. */
export const inputUsage = (tokens: number): Usage => ({
  input: { total: tokens, uncached: tokens, cacheRead: 0, cacheWrite: 0 },
  output: { total: 0 },
});
