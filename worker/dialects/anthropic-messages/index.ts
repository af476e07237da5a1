import { type ChatDialect, runDecoder, runEncoder } from "../dialect.ts";
import { countRequest, decodeTokenCount, encodeTokenCount } from "./count-tokens.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { streamDecoder } from "./decode-stream.ts";
import { encodeAnswer } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { streamEncoder } from "./encode-stream.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { decodeFailure } from "./failure.ts";
import { requestFeatures } from "./features.ts";
import { portability } from "./portability.ts";
import { readRequest } from "./request.ts";
import { readAnswer } from "./response.ts";
import { KEEP_ALIVE, observedText, step } from "./stream.ts";

/** Anthropic Messages, with its token counter. */
export const anthropicMessages: ChatDialect = {
  id: "anthropic-messages",
  readRequest,
  requestFeatures,
  readAnswer,
  step,
  observedText,
  encodeError,
  encodeStreamError,
  portability,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  startDecoder: () => runDecoder(streamDecoder),
  startEncoder: (context) => runEncoder(streamEncoder, context),
  keepAlive: KEEP_ALIVE,
  decodeFailure,
  countRequest,
  decodeTokenCount,
  encodeTokenCount,
};
