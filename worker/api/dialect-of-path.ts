import type { Dialect } from "../dialects/dialect.ts";
import { dialects } from "../dialects/registry.ts";

/** Headers that only Google's clients send; their newest SDK lists models under `/v1`. */
const GOOGLE_HEADERS = ["x-goog-api-key", "x-goog-api-client"];

/**
 * The dialect a path speaks, for errors before (or without) a route. `/v1/models` serves three: only Anthropic's clients
 * send `anthropic-version`, only Google's `x-goog-…`.
 */
export function dialectOfPath(path: string, headers: Headers): Dialect {
  if (path.startsWith("/v1/messages")) return dialects["anthropic-messages"];
  if (path.startsWith("/v1/responses")) return dialects["openai-responses"];
  if (path.startsWith("/v1beta") || /^\/v1\/models\/.+:[A-Za-z]+$/.test(path))
    return dialects["google-generate-content"];
  if (path.startsWith("/v1/models")) {
    if (headers.has("anthropic-version")) return dialects["anthropic-messages"];
    if (GOOGLE_HEADERS.some((name) => headers.has(name))) return dialects["google-generate-content"];
  }
  return dialects["openai-chat"];
}
