import type { ErrorClass, GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";

/** OpenAI's error object, the same for Chat, Responses and embeddings. */
const TYPES: Record<Exclude<ErrorClass, "rate_limit">, string> = {
  invalid_request: "invalid_request_error",
  authentication: "invalid_request_error",
  permission: "invalid_request_error",
  not_found: "invalid_request_error",
  conflict: "invalid_request_error",
  too_large: "invalid_request_error",
  quota: "insufficient_quota",
  overloaded: "server_error",
  timeout: "server_error",
  internal: "server_error",
};

export const openaiError = (error: GatewayError): JsonObject => ({
  error: {
    message: error.message,
    // OpenAI's type of a rate limit is what it counts.
    type: error.class === "rate_limit" ? error.counted : TYPES[error.class],
    param: error.param,
    code: error.code,
  },
});
