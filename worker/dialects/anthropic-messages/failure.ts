import type { FailureKind, UpstreamFailure } from "../../canonical/stream-event.ts";
import { objectAt, stringAt } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { kindOfStatus, messageOf, retryAfterOf, saysContextLength } from "../failure.ts";

/** Anthropic's error types and its stable machine codes (API reference, "Errors"); codes tell more than statuses. */
const BY_TYPE: Record<string, FailureKind> = {
  invalid_request_error: "invalid_request",
  authentication_error: "credential",
  billing_error: "billing",
  permission_error: "permission",
  not_found_error: "not_found",
  rate_limit_error: "rate_limit",
  timeout_error: "timeout",
  api_error: "internal",
  overloaded_error: "overloaded",
  conflict_error: "conflict",
  request_too_large: "too_large",
};

const BY_CODE: Record<string, FailureKind> = {
  enforced_spend_limit_reached: "quota",
  spend_limit_reached: "quota",
  contract_spend_limit_reached: "quota",
  ramp_limit_exceeded: "rate_limit",
  compaction_unavailable: "overloaded",
  cmek_key_unreachable: "overloaded",
  prompt_too_long: "context_length",
};

/** An answer with an error status. */
export function decodeFailure(status: number, headers: Headers, body: unknown): UpstreamFailure {
  const retryAfter = retryAfterOf(headers);
  return { ...failureOf(body, status), ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** An `error` event, or an error in a 200. */
export const decodeInner = (body: unknown): UpstreamFailure => failureOf(body, null);

/** Anthropic's statuses by type, for errors inside a stream. */
const STATUSES: Partial<Record<FailureKind, number>> = {
  overloaded: 529,
  rate_limit: 429,
  internal: 500,
  timeout: 504,
};

function failureOf(body: unknown, status: number | null): UpstreamFailure {
  const error = objectAt(body, "error");
  const type = stringAt(error, "type");
  const code = stringAt(objectAt(error, "details"), "error_code");
  const message = messageOf(body);
  const byWord = ownValue(BY_CODE, code) ?? ownValue(BY_TYPE, type);
  // 529 comes as 500 `api_error` as well; a proxy in front may know no types at all.
  const kind = byWord ?? (status === null ? "internal" : kindOfStatus(status));
  const refined = kind === "invalid_request" && saysContextLength(message) ? "context_length" : signed(kind, message);
  return { kind: refined, message, code: code ?? type ?? null, status: status ?? STATUSES[refined] ?? null };
}

/** A refused signature in the history. */
const signed = (kind: FailureKind, message: string): FailureKind =>
  kind === "invalid_request" && /signature|thinking.*block/i.test(message) ? "reasoning_state" : kind;
