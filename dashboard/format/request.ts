import type { RequestRow } from "../api/requests.ts";

export type Tone = "ok" | "warn" | "bad";

const OUTCOMES: Record<RequestRow["outcome"], { tone: Tone; words: string }> = {
  ok: { tone: "ok", words: "OK" },
  provider_error: { tone: "bad", words: "provider error" },
  stream_error: { tone: "bad", words: "broke mid-stream" },
  client_gone: { tone: "warn", words: "client left" },
  timeout: { tone: "bad", words: "timed out" },
  expired: { tone: "warn", words: "never settled" },
};

/** How a request ended, in words and as a tone; what failed is said even where the tone cannot be seen. */
export const outcome = ({ outcome }: Pick<RequestRow, "outcome">): { tone: Tone; words: string } => OUTCOMES[outcome];

const DIALECTS: Record<string, string> = {
  "openai-chat": "OpenAI Chat",
  "openai-responses": "OpenAI Responses",
  "openai-embeddings": "OpenAI Embeddings",
  "anthropic-messages": "Anthropic Messages",
  "google-generate-content": "Gemini",
};

/** The client's wire format as its documentation calls it. */
export const dialectName = (dialect: string): string => DIALECTS[dialect] ?? dialect;

const OPERATIONS: Record<string, string> = { count_tokens: "token count", embed: "embedding" };

/** What was asked, when it was not the usual generation. */
export const operationName = (operation: string): string | null =>
  operation === "generate" ? null : (OPERATIONS[operation] ?? operation);

/** A client program is named by the first product of its user agent: `OpenAI/JS 7.57.0`. */
export const clientName = (client: string | null): string => client ?? "unknown client";

/** Read from and written to the provider's prompt cache. */
export const cacheTokens = ({ cache_read, cache_write }: RequestRow["tokens"]): number => cache_read + cache_write;
