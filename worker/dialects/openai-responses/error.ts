import type { GatewayError } from "../../errors.ts";
import type { ErrorEnvelope } from "../dialect.ts";
import { openaiError } from "../openai-error.ts";

export function encodeError(error: GatewayError, _requestId: string): ErrorEnvelope {
  return { body: openaiError(error), headers: {} };
}

/**
 * The `error` event (OpenAI API reference, streaming events): official helpers throw on it whatever came before, while a
 * `response.failed` of ours would need the id of a Response that only the provider knows.
 */
export function encodeStreamError(error: GatewayError, _requestId: string): string {
  const event = {
    type: "error",
    code: error.code,
    message: error.message,
    param: error.param,
    sequence_number: 0,
  };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}
