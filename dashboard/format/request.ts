import type { RequestRow } from "../api/requests.ts";
import { t } from "../text/text.ts";

export type Tone = "ok" | "warn" | "bad";

const TONES: Record<RequestRow["outcome"], Tone> = {
  ok: "ok",
  provider_error: "bad",
  stream_error: "bad",
  client_gone: "warn",
  timeout: "bad",
  expired: "warn",
};

const isOutcome = (name: string): name is RequestRow["outcome"] => Object.hasOwn(TONES, name);

/** An outcome in words; one that is not known yet by its own name. */
export const outcomeName = (name: string): string => (isOutcome(name) ? t(`common.outcome.${name}`) : name);

/** How a request ended, in words and as a tone; what failed is said even where the tone cannot be seen. */
export const outcome = ({ outcome }: Pick<RequestRow, "outcome">): { tone: Tone; words: string } => ({
  tone: TONES[outcome],
  words: outcomeName(outcome),
});

const DIALECTS: Record<string, string> = {
  "openai-chat": "OpenAI Chat",
  "openai-responses": "OpenAI Responses",
  "openai-embeddings": "OpenAI Embeddings",
  "anthropic-messages": "Anthropic Messages",
  "google-generate-content": "Gemini",
};

/** The client's wire format as its documentation calls it. */
export const dialectName = (dialect: string): string => DIALECTS[dialect] ?? dialect;

/** What was asked, when it was not the usual generation. */
export const operationName = (operation: string): string | null => {
  if (operation === "generate") return null;
  return operation === "count_tokens" || operation === "embed" ? t(`common.operation.${operation}`) : operation;
};

/** Read from and written to the provider's prompt cache. */
export const cacheTokens = ({ cache_read, cache_write }: RequestRow["tokens"]): number => cache_read + cache_write;
