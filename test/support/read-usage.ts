import type { Exchange } from "./exchanges.ts";

/**
 * A reader of usage figures that shares nothing with the gateway's decoders: it parses whole bodies and applies each
 * vendor's documented arithmetic, so that the two can be held against each other.
 */

export interface BilledTokens {
  input_uncached: number;
  cache_read: number;
  cache_write: number;
  output: number;
  reasoning: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read as it comes
type Json = any;

/** Every JSON document of a body: one, the elements of an array, or the data of server-sent events. */
function documents(text: string): Json[] {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    try {
      const parsed = JSON.parse(trimmed);
      return Array.isArray(parsed) ? parsed : [parsed];
    } catch {
      return [];
    }
  }
  const found: Json[] = [];
  for (const block of text.replace(/\r\n?/g, "\n").split("\n\n")) {
    const data = block
      .split("\n")
      .flatMap((line) => (line.startsWith("data:") ? [line.slice(5).replace(/^ /, "")] : []));
    try {
      if (data.length > 0) found.push(JSON.parse(data.join("\n")));
    } catch {
      // `[DONE]`, or an event that was cut.
    }
  }
  return found;
}

const last = (documentsRead: Json[], pick: (document: Json) => Json): Json =>
  documentsRead.map(pick).findLast((value) => value !== undefined && value !== null);

function chat(usage: Json): BilledTokens {
  // One vendor reports more cached tokens than the prompt has.
  const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0;
  const read = Math.min(cached, usage.prompt_tokens);
  const write = Math.min(usage.prompt_tokens_details?.cache_write_tokens ?? 0, usage.prompt_tokens - read);
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  // Two vendors report reasoning beside, not within, the completion; a total or its size gives it away.
  const completion = usage.completion_tokens ?? 0;
  const beside = reasoning > completion || usage.total_tokens === usage.prompt_tokens + completion + reasoning;
  return {
    input_uncached: usage.prompt_tokens - read - write,
    cache_read: read,
    cache_write: write,
    output: completion + (beside ? reasoning : 0),
    reasoning,
  };
}

function responses(usage: Json): BilledTokens {
  const read = usage.input_tokens_details?.cached_tokens ?? 0;
  const write = usage.input_tokens_details?.cache_write_tokens ?? 0;
  return {
    input_uncached: usage.input_tokens - read - write,
    cache_read: read,
    cache_write: write,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0,
  };
}

function messages(usage: Json): BilledTokens {
  // A compaction is billed beside the totals.
  const beside = (usage.iterations ?? []).filter((one: Json) => one.type === "compaction");
  const all = (name: string): number =>
    [usage, ...beside].map((one: Json) => one[name] ?? 0).reduce((total, some) => total + some, 0);
  return {
    input_uncached: all("input_tokens"),
    cache_read: all("cache_read_input_tokens"),
    cache_write: all("cache_creation_input_tokens"),
    output: all("output_tokens"),
    reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}

function gemini(usage: Json): BilledTokens {
  const prompt = usage.promptTokenCount ?? 0;
  const read = Math.min(prompt, usage.cachedContentTokenCount ?? 0);
  return {
    input_uncached: prompt - read + (usage.toolUsePromptTokenCount ?? 0),
    cache_read: read,
    cache_write: 0,
    output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    reasoning: usage.thoughtsTokenCount ?? 0,
  };
}

type Told = Pick<Exchange, "dialect" | "status" | "operation" | "response">;

/** What the provider says it will bill for an exchange; null where it says nothing (an error, no usage asked for). */
export const billedTokens = (exchange: Told): BilledTokens | null => tokensOf(exchange, messages);

/** The same of the answer alone: without the compaction that came before it. */
export const answerTokens = (exchange: Told): BilledTokens | null =>
  tokensOf(exchange, (usage) => messages({ ...usage, iterations: [] }));

function tokensOf(exchange: Told, readMessages: (usage: Json) => BilledTokens): BilledTokens | null {
  if (exchange.status >= 300) return null;
  const read = documents(new TextDecoder().decode(exchange.response));
  if (exchange.operation === "count_tokens") {
    return { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };
  }
  switch (exchange.dialect) {
    case "openai-chat":
    case "openai-embeddings": {
      const usage = last(read, (document) => document.usage ?? document.choices?.[0]?.usage);
      return usage?.prompt_tokens === undefined ? null : chat(usage);
    }
    case "openai-responses": {
      const usage = last(read, (document) => document.response?.usage ?? document.usage);
      return usage === undefined ? null : responses(usage);
    }
    case "anthropic-messages": {
      const merged: Json = {};
      for (const usage of read.map((document) => document.message?.usage ?? document.usage)) {
        for (const [name, value] of Object.entries(usage ?? {})) if (value !== null) merged[name] = value;
      }
      return Object.keys(merged).length === 0 ? null : readMessages(merged);
    }
    case "google-generate-content": {
      const usage = last(read, (document) => document.usageMetadata);
      return usage === undefined ? null : gemini(usage);
    }
  }
}
