import type { GatewayError } from "../../errors.ts";
import type { ErrorEnvelope } from "../dialect.ts";
import { openaiError } from "../openai-error.ts";

export function encodeError(error: GatewayError, _requestId: string): ErrorEnvelope {
  return { body: openaiError(error), headers: {} };
}

/** A chunk with an `error` key and no `[DONE]`, which would mean success. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  const chunk = {
    id: requestId,
    object: "chat.completion.chunk",
    choices: [],
    ...openaiError(error),
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
