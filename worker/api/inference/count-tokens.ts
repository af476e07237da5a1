import type { AppContext } from "../context.ts";
import { infer } from "./infer.ts";

/** Messages' token counter. */
export const countTokens = (c: AppContext): Promise<Response> =>
  infer(c, { dialect: "anthropic-messages", operation: "count_tokens" });
