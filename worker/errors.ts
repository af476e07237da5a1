/**
 * The one vocabulary of errors. Every refusal or failure of ours is a `GatewayError` with a code of this table; the
 * client's own dialect turns it into its envelope (`worker/dialects/<dialect>/error.ts`).
 */

/** Canonical class of an error: decides Anthropic's `type`, Google's `status` and OpenAI's `type`. */
export type ErrorClass =
  | "invalid_request"
  | "authentication"
  | "permission"
  | "not_found"
  | "conflict"
  | "too_large"
  | "rate_limit"
  | "quota"
  | "overloaded"
  | "timeout"
  | "internal";

interface CodeFacts {
  status: number;
  class: ErrorClass;
  /** False tells official SDKs not to retry (`x-should-retry: false`). */
  retry: boolean;
}

const facts = <const T extends Record<string, CodeFacts>>(table: T): T => table;

const ERROR_CODES = facts({
  missing_api_key: { status: 401, class: "authentication", retry: false },
  invalid_api_key: { status: 401, class: "authentication", retry: false },
  key_disabled: { status: 401, class: "authentication", retry: false },
  key_expired: { status: 401, class: "authentication", retry: false },
  not_signed_in: { status: 401, class: "authentication", retry: false },
  invalid_credentials: { status: 401, class: "authentication", retry: false },
  ambiguous_credentials: { status: 400, class: "invalid_request", retry: false },
  permission_denied: { status: 403, class: "permission", retry: false },
  organization_archived: { status: 403, class: "permission", retry: false },
  model_not_priced: { status: 403, class: "permission", retry: false },
  ip_not_allowed: { status: 403, class: "permission", retry: false },
  origin_not_allowed: { status: 403, class: "permission", retry: false },
  model_not_allowed: { status: 403, class: "permission", retry: false },
  confirmation_required: { status: 403, class: "permission", retry: false },
  csrf_rejected: { status: 403, class: "permission", retry: false },
  model_not_found: { status: 404, class: "not_found", retry: false },
  invalid_model: { status: 400, class: "invalid_request", retry: false },
  unknown_url: { status: 404, class: "not_found", retry: false },
  not_found: { status: 404, class: "not_found", retry: false },
  method_not_allowed: { status: 405, class: "invalid_request", retry: false },
  invalid_json: { status: 400, class: "invalid_request", retry: false },
  duplicate_key: { status: 400, class: "invalid_request", retry: false },
  json_too_deep: { status: 400, class: "invalid_request", retry: false },
  json_too_many_keys: { status: 400, class: "invalid_request", retry: false },
  missing_required_parameter: { status: 400, class: "invalid_request", retry: false },
  invalid_type: { status: 400, class: "invalid_request", retry: false },
  invalid_value: { status: 400, class: "invalid_request", retry: false },
  invalid_header: { status: 400, class: "invalid_request", retry: false },
  invalid_id: { status: 400, class: "invalid_request", retry: false },
  max_tokens_too_large: { status: 400, class: "invalid_request", retry: false },
  unbounded_request: { status: 400, class: "invalid_request", retry: false },
  unsupported_parameter: { status: 400, class: "invalid_request", retry: false },
  translation_loss: { status: 400, class: "invalid_request", retry: false },
  missing_tool_result: { status: 400, class: "invalid_request", retry: false },
  prefill_unsupported: { status: 400, class: "invalid_request", retry: false },
  forced_tool_choice_unsupported: { status: 400, class: "invalid_request", retry: false },
  schema_unsupported: { status: 400, class: "invalid_request", retry: false },
  unsupported_image_type: { status: 400, class: "invalid_request", retry: false },
  modality_unsupported: { status: 400, class: "invalid_request", retry: false },
  state_unsupported: { status: 400, class: "invalid_request", retry: false },
  file_id_unsupported: { status: 400, class: "invalid_request", retry: false },
  url_unsupported: { status: 400, class: "invalid_request", retry: false },
  too_many_stop_sequences: { status: 400, class: "invalid_request", retry: false },
  stop_unsupported: { status: 400, class: "invalid_request", retry: false },
  n_unsupported: { status: 400, class: "invalid_request", retry: false },
  logprobs_unsupported: { status: 400, class: "invalid_request", retry: false },
  builtin_unsupported: { status: 400, class: "invalid_request", retry: false },
  token_input_unsupported: { status: 400, class: "invalid_request", retry: false },
  no_target: { status: 400, class: "invalid_request", retry: false },
  operation_not_served: { status: 404, class: "not_found", retry: false },
  tree_too_deep: { status: 400, class: "invalid_request", retry: false },
  conflict: { status: 409, class: "conflict", retry: false },
  last_owner: { status: 409, class: "conflict", retry: false },
  cycle: { status: 409, class: "conflict", retry: false },
  not_empty: { status: 409, class: "conflict", retry: false },
  setup_done: { status: 410, class: "conflict", retry: false },
  idempotency_mismatch: { status: 409, class: "conflict", retry: false },
  idempotency_in_progress: { status: 409, class: "conflict", retry: true },
  idempotency_answer_lost: { status: 409, class: "conflict", retry: false },
  precondition_failed: { status: 412, class: "conflict", retry: false },
  request_too_large: { status: 413, class: "too_large", retry: false },
  unsupported_encoding: { status: 415, class: "invalid_request", retry: false },
  unsupported_media_type: { status: 415, class: "invalid_request", retry: false },
  headers_too_large: { status: 431, class: "invalid_request", retry: false },
  too_many_attempts: { status: 429, class: "rate_limit", retry: true },
  provider_not_configured: { status: 503, class: "overloaded", retry: false },
  ledger_unavailable: { status: 503, class: "overloaded", retry: true },
  database_unavailable: { status: 503, class: "overloaded", retry: true },
  identity_provider_unavailable: { status: 503, class: "overloaded", retry: true },
  query_timeout: { status: 504, class: "timeout", retry: false },
  upstream_unreachable: { status: 502, class: "internal", retry: true },
  upstream_error: { status: 502, class: "internal", retry: true },
  upstream_timeout: { status: 504, class: "timeout", retry: true },
  upstream_truncated: { status: 502, class: "internal", retry: true },
  upstream_invalid_request: { status: 400, class: "invalid_request", retry: false },
  upstream_not_found: { status: 404, class: "not_found", retry: false },
  upstream_conflict: { status: 409, class: "conflict", retry: true },
  context_length_exceeded: { status: 400, class: "invalid_request", retry: false },
  reasoning_state_invalid: { status: 400, class: "invalid_request", retry: false },
  content_policy_violation: { status: 400, class: "invalid_request", retry: false },
  provider_authentication: { status: 502, class: "internal", retry: false },
  provider_billing: { status: 502, class: "internal", retry: false },
  rate_limit_exceeded: { status: 429, class: "rate_limit", retry: true },
  insufficient_quota: { status: 429, class: "quota", retry: false },
  overloaded: { status: 503, class: "overloaded", retry: true },
  loop_detected: { status: 508, class: "internal", retry: false },
  internal_error: { status: 500, class: "internal", retry: true },
});

export type ErrorCode = keyof typeof ERROR_CODES;

/** Every code there is. */
export const CODES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

export interface ErrorOptions {
  /** JSON path of the field in the client's own body, e.g. `messages[0].content`. */
  param?: string;
  /** Whole seconds to wait; sent as `Retry-After`. */
  retryAfter?: number;
  /** What a limit on rates counts, where it is not requests. */
  counted?: "tokens";
  /** Another status than the code's own: a provider's, within the same class. */
  status?: number;
  /** More response headers, e.g. `Allow`. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal or failure that the client may read: `message` says what is wrong and what to do. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly class: ErrorClass;
  readonly retry: boolean;
  readonly param: string | null;
  readonly retryAfter: number | null;
  readonly counted: "requests" | "tokens";
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    const row = ERROR_CODES[code];
    this.code = code;
    this.status = options.status ?? row.status;
    this.class = row.class;
    this.retry = row.retry;
    this.param = options.param ?? null;
    this.retryAfter = options.retryAfter ?? null;
    this.counted = options.counted ?? "requests";
    this.headers = options.headers ?? {};
  }

  /** The same error with more response headers. */
  with(headers: Record<string, string>): GatewayError {
    return new GatewayError(this.code, this.message, {
      status: this.status,
      headers: { ...this.headers, ...headers },
      cause: this.cause,
      ...(this.param === null ? {} : { param: this.param }),
      ...(this.retryAfter === null ? {} : { retryAfter: this.retryAfter }),
      ...(this.counted === "tokens" ? { counted: this.counted } : {}),
    });
  }
}

/**
 * The database did not do what was asked. `transient` (no SQLSTATE: transport; or class 08, 40, 53, 57): try again as it
 * is. Otherwise the statement itself, or one of its rows, is at fault.
 */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly sqlstate: string | null;
  readonly transient: boolean;

  constructor(message: string, sqlstate: string | null, cause?: unknown) {
    super(message, { cause });
    this.sqlstate = sqlstate;
    this.transient = sqlstate === null || /^(08|40|53|57)/.test(sqlstate);
  }
}
