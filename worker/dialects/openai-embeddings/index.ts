import type { Dialect } from "../dialect.ts";
import { openaiError } from "../openai-error.ts";
import { requestFeatures } from "./features.ts";
import { readRequest } from "./request.ts";
import { readAnswer } from "./response.ts";

/** OpenAI embeddings: never a stream, input tokens only. */
export const openaiEmbeddings: Dialect = {
  id: "openai-embeddings",
  readRequest,
  requestFeatures,
  readAnswer,
  step: (facts) => facts,
  observedText: () => 0,
  encodeError: (error) => ({ body: openaiError(error), headers: {} }),
  encodeStreamError: (error) => `data: ${JSON.stringify(openaiError(error))}\n\n`,
};
