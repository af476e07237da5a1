import type { Dialect } from "../dialects/dialect.ts";
import { dialects } from "../dialects/registry.ts";
import type { AppContext } from "./context.ts";
import { isGeminiCall } from "./inference/generate-content.ts";

/** Headers that only Google's clients send; their newest SDK lists models under `/v1`. */
const GOOGLE_HEADERS = ["x-goog-api-key", "x-goog-api-client"];

/**
 * The dialect a request speaks, by its address, for errors before (or without) a route. `/v1/models` serves three, and
 * what is not served (`/v1/files`) is asked for by all: only Anthropic's clients send `anthropic-version`, only Google's
 * `x-goog-…`. What is read may be a model whose own name ends in a colon and a word.
 */
export function dialectOfPath({ path, method, raw: { headers } }: AppContext["req"]): Dialect {
  if (path.startsWith("/v1/messages")) return dialects["anthropic-messages"];
  if (path.startsWith("/v1/responses")) return dialects["openai-responses"];
  const read = method === "GET" || method === "HEAD";
  const call = /^\/v1\/models\/.+:[A-Za-z]+$/.test(path) && (!read || isGeminiCall(path));
  if (path.startsWith("/v1beta") || call) return dialects["google-generate-content"];
  if (/^\/v1\/(?:chat|embeddings)\b/.test(path)) return dialects["openai-chat"];
  if (headers.has("anthropic-version")) return dialects["anthropic-messages"];
  if (GOOGLE_HEADERS.some((name) => headers.has(name))) return dialects["google-generate-content"];
  return dialects["openai-chat"];
}
