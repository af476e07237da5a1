import type { Dialect } from "../dialect.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { readRequest } from "./request.ts";
import { readAnswer } from "./response.ts";
import { observedText, step } from "./stream.ts";

/** OpenAI Responses. */
export const openaiResponses: Dialect = {
  id: "openai-responses",
  readRequest,
  readAnswer,
  step,
  observedText,
  encodeError,
  encodeStreamError,
};
