import type { ErrorClass, GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ErrorEnvelope } from "../dialect.ts";

/** Google RPC status words (google.rpc.Code). */
const STATUSES: Record<ErrorClass, string> = {
  invalid_request: "INVALID_ARGUMENT",
  authentication: "UNAUTHENTICATED",
  permission: "PERMISSION_DENIED",
  not_found: "NOT_FOUND",
  conflict: "ABORTED",
  too_large: "INVALID_ARGUMENT",
  rate_limit: "RESOURCE_EXHAUSTED",
  quota: "RESOURCE_EXHAUSTED",
  overloaded: "UNAVAILABLE",
  timeout: "DEADLINE_EXCEEDED",
  internal: "INTERNAL",
};

/** Google's error object. */
export const errorBody = (error: GatewayError, requestId: string): JsonObject => ({
  error: {
    code: error.status,
    message: error.message,
    status: STATUSES[error.class],
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: error.code.toUpperCase(),
        domain: "gaiarouter",
        metadata: {
          request_id: requestId,
          ...(error.param === null ? {} : { field: error.param }),
        },
      },
      ...(error.retryAfter === null
        ? []
        : [
            {
              "@type": "type.googleapis.com/google.rpc.RetryInfo",
              retryDelay: `${error.retryAfter}s`,
            },
          ]),
    ],
  },
});

export function encodeError(error: GatewayError, requestId: string): ErrorEnvelope {
  return { body: errorBody(error, requestId), headers: {} };
}

/** An error object as a data event, or as the array's last element; its numeric code makes the official SDK throw. */
export function encodeStreamError(error: GatewayError, requestId: string, array?: { begun: boolean }): string {
  const json = JSON.stringify(errorBody(error, requestId));
  return array === undefined ? `data: ${json}\r\n\r\n` : `${array.begun ? "," : "["}${json}]`;
}
