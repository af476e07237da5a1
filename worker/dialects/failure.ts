import type { FailureKind, StreamEvent, UpstreamFailure } from "../canonical/stream-event.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";
import { masked } from "../lib/mask.ts";

/** Provider failures in the gateway's words (DIALECTS §5.2); each dialect's `failure.ts` tells its vendor's. */

const CODES: Record<FailureKind, ErrorCode> = {
  invalid_request: "upstream_invalid_request",
  context_length: "context_length_exceeded",
  reasoning_state: "reasoning_state_invalid",
  content_policy: "content_policy_violation",
  // Our own key at the provider is not the client's business: its key is fine.
  credential: "provider_authentication",
  permission: "provider_authentication",
  billing: "provider_billing",
  not_found: "upstream_not_found",
  conflict: "upstream_conflict",
  too_large: "request_too_large",
  rate_limit: "rate_limit_exceeded",
  quota: "insufficient_quota",
  overloaded: "overloaded",
  timeout: "upstream_timeout",
  truncated: "upstream_truncated",
  malformed: "upstream_error",
  internal: "upstream_error",
};

/** Said when the provider says nothing that could be passed on. */
const SENTENCES: Record<FailureKind, string> = {
  invalid_request: "The provider refused the request.",
  context_length: "The conversation is longer than the model's context.",
  reasoning_state: "The provider refused reasoning state in the history.",
  content_policy: "The provider's content policy refused the request.",
  credential: "The provider did not accept this gateway's credential.",
  permission: "The provider does not allow this gateway's credential to do that.",
  billing: "This gateway's account at the provider has no credit.",
  not_found: "The provider does not know this model or resource.",
  conflict: "The provider reports a conflict.",
  too_large: "The request is too large for the provider.",
  rate_limit: "The provider's rate limit is reached.",
  quota: "This gateway's quota at the provider is used up.",
  overloaded: "The provider is overloaded.",
  timeout: "The provider did not answer in time.",
  truncated: "The provider broke off its answer.",
  malformed: "The provider's answer could not be read.",
  internal: "The provider failed.",
};

/** Kinds whose message speaks of our account, not of the client's request. */
const OURS: ReadonlySet<FailureKind> = new Set(["credential", "permission", "billing"]);

/** Statuses of ours that a provider's own may replace, within the class: a 503 of its may stay a 503. */
const keptStatus = (kind: FailureKind, status: number | null): number | undefined => {
  if (status === null) return undefined;
  if (kind === "internal" && status >= 500 && status < 600) return status;
  // Google says 400 where others say 401. It is as final, and the message says whose key it is.
  if (kind === "credential" && status === 400) return status;
  if (kind === "invalid_request" && status >= 400 && status < 500) return status;
  return undefined;
};

/** A 200 that has not even the member in which an answer stands. */
export const EMPTY_ANSWER: UpstreamFailure = {
  kind: "malformed",
  message: "The provider sent an answer without content.",
  code: "empty_response",
  status: null,
};

/** An event of a stream that cannot be read: what follows may hang on it. */
export const EVENT_NOT_JSON: StreamEvent = {
  type: "error",
  failure: {
    kind: "malformed",
    message: "The provider sent an event that is not JSON.",
    code: "malformed",
    status: null,
  },
};

/**
 * A provider's failure as the error the client gets if nobody else answers. `failure` is what it was in the provider's words,
 * by which it is decided whether another is asked.
 */
export class UpstreamError extends GatewayError {
  readonly failure: UpstreamFailure;

  constructor(failure: UpstreamFailure, headers: Record<string, string> = {}) {
    const { kind, message, retryAfter } = failure;
    const own = OURS.has(kind) ? "" : masked(message).trim();
    const status = keptStatus(kind, failure.status);
    super(CODES[kind], own === "" ? SENTENCES[kind] : own, {
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(status === undefined ? {} : { status }),
      headers,
      cause: message,
    });
    this.failure = failure;
  }

  override with(headers: Record<string, string>): UpstreamError {
    return new UpstreamError(this.failure, { ...this.headers, ...headers });
  }
}

/** A provider's failure as the error the client gets, in whichever dialect it speaks. */
export const errorOfFailure = (failure: UpstreamFailure): UpstreamError => new UpstreamError(failure);

/** Whether a number that a provider tells is an HTTP status of a failure. */
export const isErrorStatus = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 400 && value < 600;

/** A failure kind from an HTTP status alone. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
      return "credential";
    case 402:
      return "billing";
    case 403:
      return "permission";
    case 404:
      return "not_found";
    case 408:
    case 504:
      return "timeout";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 429:
      return "rate_limit";
    case 503:
    case 529:
      return "overloaded";
    default:
      return status >= 400 && status < 500 ? "invalid_request" : "internal";
  }
}

/** The last resort, for vendors that have no machine code for it. */
const CONTEXT_LENGTH =
  /maximum context length|prompt is too long|context[_ ]length|input token count .* exceeds|context window/i;

/** A 400 whose text says that the prompt does not fit. */
export const saysContextLength = (message: string): boolean => CONTEXT_LENGTH.test(message);

/** Whole seconds to wait, rounded up; undefined for what is no time to wait. */
export function wholeSeconds(seconds: number): number | undefined {
  const whole = Math.ceil(seconds);
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : undefined;
}

/** What `retry-after-ms` or `retry-after` asks for; undefined without either. */
export function retryAfterOf(headers: Headers): number | undefined {
  const milliseconds = headers.get("retry-after-ms");
  const told = milliseconds === null ? undefined : wholeSeconds(Number(milliseconds) / 1000);
  if (told !== undefined) return told;
  const value = headers.get("retry-after");
  return value === null ? undefined : wholeSeconds(Number(value));
}

/** Deeper than this no provider wraps its sentence. */
const WRAPPINGS = 8;

/** A provider's sentence, however it wraps it: `error.message`, `error`, `detail`, `message`, the first of a list. */
export function messageOf(body: unknown, wrappings = WRAPPINGS): string {
  if (typeof body === "string") return body;
  if (wrappings === 0) return "";
  if (Array.isArray(body)) return messageOf(body[0], wrappings - 1);
  if (typeof body !== "object" || body === null) return "";
  const holder = body as Record<string, unknown>;
  for (const key of ["error", "message", "detail", "msg", "errors"]) {
    const inner = messageOf(holder[key], wrappings - 1);
    if (inner !== "") return inner;
  }
  return "";
}
