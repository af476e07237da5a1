import type { Dialect } from "../dialect.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { readRequest } from "./request.ts";
import { readAnswer } from "./response.ts";
import { observedText, step } from "./stream.ts";

/** OpenAI Chat Completions, also spoken by OpenRouter and every OpenAI-compatible host. */
export const openaiChat: Dialect = {
  id: "openai-chat",
  readRequest,
  readAnswer,
  step,
  observedText,
  encodeError,
  encodeStreamError,
};
