import type { AppContext } from "../context.ts";
import { infer } from "./infer.ts";

/** Responses. */
export const responses = (c: AppContext): Promise<Response> =>
  infer(c, { dialect: "openai-responses", operation: "generate" });

/** Responses' token counter. */
export const inputTokens = (c: AppContext): Promise<Response> =>
  infer(c, { dialect: "openai-responses", operation: "count_tokens" });
