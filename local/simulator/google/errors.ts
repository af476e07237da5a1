import type { WholeReply } from "../exchange.ts";
import type { Failure } from "../failure.ts";
import type { JsonObject } from "../values.ts";

/** Google's RPC status and usual sentence by HTTP status. */
const BY_STATUS: Record<number, [status: string, message: string]> = {
  400: ["INVALID_ARGUMENT", "Request contains an invalid argument."],
  401: [
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
  ],
  403: ["PERMISSION_DENIED", "The caller does not have permission"],
  404: ["NOT_FOUND", "Requested entity was not found."],
  408: ["DEADLINE_EXCEEDED", "The request timed out. Please try again."],
  409: ["ABORTED", "The operation was aborted."],
  413: ["INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."],
  422: ["INVALID_ARGUMENT", "Request contains an invalid argument."],
  429: [
    "RESOURCE_EXHAUSTED",
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.",
  ],
  499: ["CANCELLED", "The operation was cancelled."],
  500: [
    "INTERNAL",
    "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  ],
  501: ["UNIMPLEMENTED", "Operation is not implemented, or supported, or enabled."],
  503: [
    "UNAVAILABLE",
    "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.",
  ],
  504: ["DEADLINE_EXCEEDED", "The request timed out. Please try again."],
};

const BAD_GATEWAY =
  "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error 502 (Server Error)!!1</title>\n<p><b>502.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.  <ins>That’s all we know.</ins>\n";

/** Google tells the delay in the body; `retryAfter` is in seconds. */
function detailsOf(failure: Failure, retryAfter: number): JsonObject[] {
  const { reason, field, message } = failure.detail;
  const type = (name: string): string => `type.googleapis.com/google.rpc.${name}`;
  if (reason === "invalid-key")
    return [
      {
        "@type": type("ErrorInfo"),
        reason: "API_KEY_INVALID",
        domain: "googleapis.com",
        metadata: { service: "generativelanguage.googleapis.com" },
      },
    ];
  if (field !== undefined) return [{ "@type": type("BadRequest"), fieldViolations: [{ field, description: message }] }];
  if (failure.status !== 429) return [];
  const perDay = reason === "quota";
  const violation = {
    quotaMetric: "generativelanguage.googleapis.com/generate_content_paid_tier_input_token_count",
    quotaId: perDay
      ? "GenerateRequestsPerDayPerProjectPerModel"
      : "GenerateContentPaidTierInputTokensPerModelPerMinute",
    quotaDimensions: { location: "global" },
    quotaValue: "1000000",
  };
  return [
    { "@type": type("QuotaFailure"), violations: [violation] },
    {
      "@type": type("Help"),
      links: [
        { description: "Learn more about Gemini API quotas", url: "https://ai.google.dev/gemini-api/docs/rate-limits" },
      ],
    },
    ...(perDay ? [] : [{ "@type": type("RetryInfo"), retryDelay: `${retryAfter}s` }]),
  ];
}

/** Google's error object. */
export function googleError(failure: Failure, retryAfter = 26): JsonObject {
  const { message, reason } = failure.detail;
  const [status, usual] = BY_STATUS[failure.status] ?? [
    failure.status < 500 ? "FAILED_PRECONDITION" : "INTERNAL",
    "Unknown error.",
  ];
  const words =
    reason === "context-length"
      ? "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)."
      : (message ?? usual);
  const details = detailsOf(failure, retryAfter);
  return { code: failure.status, message: words, status, ...(details.length > 0 && { details }) };
}

/** A refusal in Google's envelope; a stream that is not SSE wraps it in an array. Its 502 is a page, not JSON. */
export function googleFailure(failure: Failure, retryAfter: number | undefined, inArray: boolean): WholeReply {
  if (failure.status === 502 && failure.detail.message === undefined)
    return { kind: "whole", status: 502, headers: { "content-type": "text/html; charset=UTF-8" }, body: BAD_GATEWAY };
  const envelope = { error: googleError(failure, retryAfter) };
  const body = inArray ? `[${JSON.stringify(envelope, null, 2)}\n]\n` : `${JSON.stringify(envelope, null, 2)}\n`;
  return {
    kind: "whole",
    status: failure.status,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body,
  };
}
