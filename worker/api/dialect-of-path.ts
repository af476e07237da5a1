import type { Dialect } from "../dialects/dialect.ts";
import { dialects } from "../dialects/registry.ts";

/**
 * The dialect a path speaks, for errors before (or without) a route. `/v1/models` serves two: only Anthropic's clients
 * send `anthropic-version`.
 */
export function dialectOfPath(path: string, headers: Headers): Dialect {
  if (path.startsWith("/v1/messages")) return dialects["anthropic-messages"];
  if (path.startsWith("/v1/responses")) return dialects["openai-responses"];
  if (path.startsWith("/v1beta") || /^\/v1\/models\/.+:[A-Za-z]+$/.test(path))
    return dialects["google-generate-content"];
  if (path.startsWith("/v1/models") && headers.has("anthropic-version")) return dialects["anthropic-messages"];
  return dialects["openai-chat"];
}
