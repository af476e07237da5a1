import type { AppContext } from "../context.ts";
import { infer } from "./infer.ts";

/** embeddings in OpenAI's shape. */
export const embeddings = (c: AppContext): Promise<Response> =>
  infer(c, { dialect: "openai-embeddings", operation: "embed" });
