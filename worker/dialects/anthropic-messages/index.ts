import type { Dialect } from "../dialect.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { readRequest } from "./request.ts";
import { readAnswer } from "./response.ts";
import { observedText, step } from "./stream.ts";

/** Anthropic Messages, with its token counter. */
export const anthropicMessages: Dialect = {
  id: "anthropic-messages",
  readRequest,
  readAnswer,
  step,
  observedText,
  encodeError,
  encodeStreamError,
};
