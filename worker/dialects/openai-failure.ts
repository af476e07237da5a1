import type { FailureKind, UpstreamFailure } from "../canonical/stream-event.ts";
import { isObject, objectAt, stringAt } from "../lib/json.ts";
import { ownValue } from "../lib/own-value.ts";
import { isErrorStatus, kindOfStatus, messageOf, retryAfterOf, saysContextLength } from "./failure.ts";

/**
 * Failures as OpenAI and its followers tell them (DIALECTS §5.1): `error.code` is a word at OpenAI, the HTTP status at
 * OpenRouter and others; `error` may be a bare text (xAI), `detail` may stand for it (Mistral), and a machine type may hide
 * in `metadata.error_type` (OpenRouter).
 */
const BY_CODE: Record<string, FailureKind> = {
  context_length_exceeded: "context_length",
  string_above_max_length: "context_length",
  invalid_encrypted_content: "reasoning_state",
  content_policy_violation: "content_policy",
  content_filter: "content_policy",
  bio_policy: "content_policy",
  misalignment_policy_violation: "content_policy",
  image_content_policy_violation: "content_policy",
  invalid_prompt: "invalid_request",
  invalid_api_key: "credential",
  authentication: "credential",
  payment_required: "billing",
  model_not_found: "not_found",
  insufficient_quota: "quota",
  billing_hard_limit_reached: "quota",
  rate_limit_exceeded: "rate_limit",
  server_error: "internal",
  server: "internal",
  provider_overloaded: "overloaded",
  provider_unavailable: "overloaded",
  overloaded: "overloaded",
  timeout: "timeout",
};

const BY_TYPE: Record<string, FailureKind> = {
  insufficient_quota: "quota",
  invalid_request_error: "invalid_request",
  authentication_error: "credential",
  permission_error: "permission",
  rate_limit_error: "rate_limit",
  tokens: "rate_limit",
  requests: "rate_limit",
  server_error: "internal",
  overloaded_error: "overloaded",
};

/** `status` and `headers` are null inside a stream or a 200. */
export function openaiFailure(status: number | null, headers: Headers | null, body: unknown): UpstreamFailure {
  const holder = isObject(body) ? body : {};
  const error = objectAt(holder, "error") ?? holder;
  const message = providerText(error) ?? messageOf(body);
  const numeric = [error.code, error.status].find(isErrorStatus);
  const code = stringAt(objectAt(error, "metadata"), "error_type") ?? stringAt(error, "code") ?? null;
  const type = stringAt(error, "type");
  const told = status ?? numeric ?? null;
  const named = ownValue(BY_CODE, code ?? "") ?? (told === null ? ownValue(BY_TYPE, type) : undefined);
  const kind = named ?? (told === null ? "internal" : kindOfStatus(told));
  const retryAfter = headers === null ? undefined : retryAfterOf(headers);
  return {
    kind: refined(kind, type, message),
    message,
    code: code ?? type ?? null,
    status: told,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

function refined(kind: FailureKind, type: string | undefined, message: string): FailureKind {
  if (kind === "rate_limit" && type === "insufficient_quota") return "quota";
  if (kind === "invalid_request" && saysContextLength(message)) return "context_length";
  // OpenRouter's moderation is a 403 about the request, not about our key.
  if (kind === "permission" && /moderation|flagged/i.test(message)) return "content_policy";
  return kind;
}

/** What the vendor behind OpenRouter said, where OpenRouter itself says only that it failed. */
function providerText(error: unknown): string | null {
  const metadata = objectAt(error, "metadata");
  const raw = metadata?.raw;
  const said = messageOf(error);
  if (raw === undefined || !/^provider returned error$/i.test(said)) return null;
  const inner = typeof raw === "string" ? parsedMessage(raw) : messageOf(raw);
  return inner === "" ? said : `${said}: ${inner}`;
}

function parsedMessage(raw: string): string {
  try {
    return messageOf(JSON.parse(raw)) || raw.slice(0, 500);
  } catch {
    return raw.slice(0, 500);
  }
}
