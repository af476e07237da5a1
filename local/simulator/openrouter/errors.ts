import type { WholeReply } from "../exchange.ts";
import type { Failure } from "../failure.ts";
import type { JsonObject } from "../values.ts";

/** OpenRouter's sentence and stable error type by status. */
const BY_STATUS: Record<number, [message: string, type: string]> = {
  400: ["Provider returned error", "invalid_request"],
  401: ["User not found.", "authentication"],
  402: ["Insufficient credits. Add more using https://openrouter.ai/settings/credits", "payment_required"],
  403: ["Your input was flagged by moderation.", "content_policy_violation"],
  404: ["No endpoints found for this model.", "not_found"],
  408: ["Request timed out.", "timeout"],
  409: ["Conflict", "conflict"],
  413: ["Request Entity Too Large", "payload_too_large"],
  422: ["Unprocessable Entity", "invalid_request"],
  429: ["Provider returned error", "rate_limit_exceeded"],
  500: ["Internal Server Error", "server"],
  502: ["Provider returned error", "provider_unavailable"],
  503: ["No available model provider that meets your routing requirements.", "provider_unavailable"],
  529: ["Provider returned error", "provider_overloaded"],
};

/** OpenRouter's error object; the status stands in `code`. */
export function openrouterError(failure: Failure): JsonObject {
  const { message, reason } = failure.detail;
  if (reason === "quota")
    return {
      message: "Rate limit exceeded: free-models-per-day",
      code: 429,
      metadata: {
        headers: { "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0" },
        error_type: "rate_limit_exceeded",
      },
    };
  if (reason === "context-length")
    return {
      message:
        "This endpoint's maximum context length is 1000000 tokens. However, you requested about 1000001 tokens (1000001 of text input). Please reduce the length of either one, or use the context-compression plugin to compress your prompt automatically.",
      code: 400,
      metadata: { provider_name: null, error_type: "context_length_exceeded" },
    };
  const [usual, type] = BY_STATUS[failure.status] ?? ["Provider returned error", "unmapped"];
  const raw =
    usual === "Provider returned error"
      ? { raw: `upstream answered with status ${failure.status}`, provider_name: "Simulated" }
      : {};
  return { message: message ?? usual, code: failure.status, metadata: { ...raw, error_type: type } };
}

/** A refusal in OpenRouter's envelope; unlike the vendors' own, its 502 is JSON. */
export function openrouterFailure(failure: Failure): WholeReply {
  const body = JSON.stringify({ error: openrouterError(failure), user_id: "user_simulated" });
  return { kind: "whole", status: failure.status, headers: { "content-type": "application/json" }, body };
}
