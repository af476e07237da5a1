import type { Dialect } from "../dialect.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { readRequest } from "./request.ts";
import { readAnswer } from "./response.ts";
import { observedText, step } from "./stream.ts";

/** Gemini's generateContent family: content, token counting and embeddings. */
export const googleGenerateContent: Dialect = {
  id: "google-generate-content",
  readRequest,
  readAnswer,
  step,
  observedText,
  encodeError,
  encodeStreamError,
};
