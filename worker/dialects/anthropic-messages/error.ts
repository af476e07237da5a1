import type { ErrorClass, GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ErrorEnvelope } from "../dialect.ts";

/** Messages error types (Anthropic API reference, "Errors"). */
const TYPES: Record<ErrorClass, string> = {
  invalid_request: "invalid_request_error",
  authentication: "authentication_error",
  permission: "permission_error",
  not_found: "not_found_error",
  conflict: "conflict_error",
  too_large: "request_too_large",
  rate_limit: "rate_limit_error",
  quota: "rate_limit_error",
  overloaded: "overloaded_error",
  timeout: "timeout_error",
  internal: "api_error",
};

const TOO_LONG = "prompt is too long";

/** Claude Code knows by these words, which other vendors do not use, that it has to compact the conversation. */
const messageOf = ({ code, message }: GatewayError): string =>
  code === "context_length_exceeded" && !message.startsWith(TOO_LONG) ? `${TOO_LONG}: ${message}` : message;

const envelope = (error: GatewayError, requestId: string): JsonObject => ({
  type: "error",
  error: {
    type: TYPES[error.class],
    message: messageOf(error),
    // The stable machine code stands in `details.error_code`, as Anthropic's own since SDK 1.x.
    details: {
      error_code: error.code,
      ...(error.param === null ? {} : { param: error.param }),
    },
  },
  request_id: requestId,
});

export function encodeError(error: GatewayError, requestId: string): ErrorEnvelope {
  return {
    body: envelope(error, requestId),
    // Anthropic has a status of its own for a model that has too much to do.
    ...(error.code === "overloaded" ? { status: 529 } : {}),
    headers: { "request-id": requestId },
  };
}

/** `event: error` and nothing after it, as Anthropic itself fails after a 200. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return `event: error\ndata: ${JSON.stringify(envelope(error, requestId))}\n\n`;
}
