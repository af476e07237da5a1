import type { Exchange, WholeReply } from "../exchange.ts";
import type { Failure } from "../failure.ts";
import type { JsonObject } from "../values.ts";

/** Anthropic's error type and usual sentence by status. */
const BY_STATUS: Record<number, [type: string, message: string]> = {
  400: ["invalid_request_error", "Input does not match the expected shape."],
  401: ["authentication_error", "invalid x-api-key"],
  402: [
    "billing_error",
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
  ],
  403: ["permission_error", "Your API key does not have permission to use the specified resource."],
  404: ["not_found_error", "Not found"],
  408: ["timeout_error", "Request timed out"],
  409: ["conflict_error", "The resource was changed by another request."],
  413: ["request_too_large", "Request exceeds the maximum allowed number of bytes."],
  422: ["invalid_request_error", "Unprocessable request."],
  429: ["rate_limit_error", "This request would exceed your account's rate limit. Please try again later."],
  500: ["api_error", "Internal server error"],
  503: ["api_error", "Service temporarily unavailable"],
  504: ["timeout_error", "Request timed out"],
  529: ["overloaded_error", "Overloaded"],
};

const BAD_GATEWAY =
  "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>cloudflare</center>\n</body>\n</html>\n";

/** The error object of Anthropic's envelope. */
export function anthropicError(failure: Failure): JsonObject {
  const { message, reason } = failure.detail;
  if (reason === "context-length")
    return { type: "invalid_request_error", message: "prompt is too long: 1000001 tokens > 1000000 maximum" };
  if (reason === "quota")
    return {
      type: "rate_limit_error",
      message: "You have reached your specified API usage limits.",
      details: { error_code: "enforced_spend_limit_reached" },
    };
  const [type, usual] = BY_STATUS[failure.status] ?? [
    failure.status < 500 ? "invalid_request_error" : "api_error",
    "Unexpected error",
  ];
  return { type, message: message ?? usual };
}

/** A refusal in Anthropic's envelope; its 502 is the edge's page, not JSON. */
export function anthropicFailure(failure: Failure, exchange: Exchange): WholeReply {
  if (failure.status === 502 && failure.detail.message === undefined)
    return { kind: "whole", status: 502, headers: { "content-type": "text/html" }, body: BAD_GATEWAY };
  const body = { type: "error", error: anthropicError(failure), request_id: exchange.entry.id };
  const retryable = failure.status === 408 || failure.status === 409 || failure.status === 429 || failure.status >= 500;
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "x-should-retry": String(retryable && failure.detail.reason !== "quota"),
  };
  return { kind: "whole", status: failure.status, headers, body: JSON.stringify(body) };
}
