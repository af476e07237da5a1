import type { GatewayError } from "../../errors.ts";
import type { ErrorEnvelope } from "../dialect.ts";
import { openaiError } from "../openai-error.ts";

export function encodeError(error: GatewayError, _requestId: string): ErrorEnvelope {
  return { body: openaiError(error), headers: {} };
}

/**
 * An error alone, as OpenAI itself sends it, and no `[DONE]`, which would mean success. Beside the members of a chunk some
 * SDKs would not see it.
 */
export const encodeStreamError = (error: GatewayError): string => `data: ${JSON.stringify(openaiError(error))}\n\n`;
