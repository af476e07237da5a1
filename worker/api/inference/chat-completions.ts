import type { AppContext } from "../context.ts";
import { infer } from "./infer.ts";

/** Chat Completions. */
export const chatCompletions = (c: AppContext): Promise<Response> =>
  infer(c, { dialect: "openai-chat", operation: "generate" });
