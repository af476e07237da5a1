import type { AppContext } from "../context.ts";
import { infer } from "./infer.ts";

/** Messages. */
export const messages = (c: AppContext): Promise<Response> =>
  infer(c, { dialect: "anthropic-messages", operation: "generate" });
