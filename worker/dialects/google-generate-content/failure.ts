import type { FailureKind, UpstreamFailure } from "../../canonical/stream-event.ts";
import { arrayAt, isObject, objectAt, stringAt } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { isErrorStatus, kindOfStatus, messageOf, retryAfterOf, saysContextLength, wholeSeconds } from "../failure.ts";

/** Google's RPC status words (google.rpc.Code) and what HTTP makes of them. */
const STATUSES: Record<string, number> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** An answer with an error status; without `alt=sse` a stream's error is a list of one. */
export function decodeFailure(status: number, headers: Headers, body: unknown): UpstreamFailure {
  const failure = failureOf(body, status);
  const retryAfter = failure.retryAfter ?? retryAfterOf(headers);
  return { ...failure, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** An error object inside a stream. */
export const decodeInner = (body: unknown): UpstreamFailure => failureOf(body, null);

function failureOf(body: unknown, status: number | null): UpstreamFailure {
  const first = Array.isArray(body) ? (body[0] as unknown) : body;
  const error = objectAt(first, "error");
  const word = stringAt(error, "status");
  const numeric = isErrorStatus(error?.code) ? error.code : null;
  const told = status ?? ownValue(STATUSES, word) ?? numeric;
  const message = messageOf(first);
  const details = arrayAt(error, "details").filter(isObject);
  const kind = refined(told === null ? "internal" : kindOfStatus(told), message, details);
  const delay = wholeSeconds(Number.parseFloat(details.map((detail) => stringAt(detail, "retryDelay") ?? "").join("")));
  return {
    kind,
    message,
    code: word ?? null,
    status: told,
    ...(delay === undefined ? {} : { retryAfter: delay }),
  };
}

/** A bad key is a 400 at Google, and so is a signature it does not know; a day's quota is no rate. */
function refined(kind: FailureKind, message: string, details: readonly unknown[]): FailureKind {
  if (kind === "invalid_request") {
    if (
      details.some((detail) => stringAt(detail, "reason") === "API_KEY_INVALID") ||
      /API key not valid/i.test(message)
    ) {
      return "credential";
    }
    if (saysContextLength(message)) return "context_length";
    if (/thought.?signature/i.test(message)) return "reasoning_state";
  }
  if (kind === "rate_limit") {
    const daily = details.some((detail) =>
      arrayAt(detail, "violations").some((one) => /PerDay/i.test(stringAt(one, "quotaId") ?? "")),
    );
    if (daily) return "quota";
  }
  return kind;
}
