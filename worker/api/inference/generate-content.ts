import type { Operation } from "../../dialects/dialect.ts";
import { GatewayError } from "../../errors.ts";
import { decodedPath } from "../../lib/decoded-path.ts";
import type { AppContext } from "../context.ts";
import { infer } from "./infer.ts";

const METHODS: Record<string, { operation: Operation; stream: boolean }> = {
  generateContent: { operation: "generate", stream: false },
  streamGenerateContent: { operation: "generate", stream: true },
  countTokens: { operation: "count_tokens", stream: false },
  embedContent: { operation: "embed", stream: false },
  batchEmbedContents: { operation: "embed", stream: false },
};

/** Hono's pattern for what a call of one of them names; a model's own name may hold slashes and colons. */
export const GEMINI_CALL = `:call{.+:(?:${Object.keys(METHODS).join("|")})}`;

/** Whether a path ends in one of them. */
export const isGeminiCall = (path: string): boolean => Object.hasOwn(METHODS, path.slice(path.lastIndexOf(":") + 1));

/**
 * Gemini's methods: `/{v1beta|v1}/models/{model}:{method}`. The model may hold slashes and colons, so the method is what
 * follows the last colon. The AI SDK and LangChain leave `models/` out where a name holds a slash.
 */
export function generateContent(c: AppContext): Promise<Response> {
  const [, version, rest] = /^\/(v1beta|v1)\/(?:models\/)?(.+)$/.exec(new URL(c.req.url).pathname) ?? [];
  const colon = rest?.lastIndexOf(":") ?? -1;
  const name = rest?.slice(colon + 1) ?? "";
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (rest === undefined || colon < 1 || method === undefined) {
    throw new GatewayError(
      "unknown_url",
      `There is no method '${name}'. There are: ${Object.keys(METHODS).join(", ")}.`,
    );
  }
  return infer(c, {
    dialect: "google-generate-content",
    ...method,
    model: decodedPath(rest.slice(0, colon)).replace(/^models\//, ""),
    method: name,
    version,
  });
}
