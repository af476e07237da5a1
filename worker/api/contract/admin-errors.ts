import type { ErrorCode } from "../../errors.ts";

interface ErrorAnswer {
  /** Its name among the document's components. */
  name: string;
  description: string;
  codes: readonly ErrorCode[];
}

/** The errors of the management API by status, and every code that each may have. */
export const ADMIN_ERRORS: Readonly<Record<number, ErrorAnswer>> = {
  400: {
    name: "BadRequest",
    description: "Something in the request is wrong: `param` names it.",
    codes: [
      "invalid_value",
      "invalid_type",
      "missing_required_parameter",
      "unsupported_parameter",
      "invalid_id",
      "invalid_header",
      "invalid_json",
      "duplicate_key",
      "json_too_deep",
      "json_too_many_keys",
      "ambiguous_credentials",
      "tree_too_deep",
    ],
  },
  401: {
    name: "Unauthorized",
    description: "Nobody is known to call, or their key does not hold.",
    codes: [
      "missing_api_key",
      "invalid_api_key",
      "key_disabled",
      "key_expired",
      "not_signed_in",
      "invalid_credentials",
    ],
  },
  403: {
    name: "Forbidden",
    description: "The caller is known and may not do this.",
    codes: [
      "permission_denied",
      "organization_archived",
      "ip_not_allowed",
      "origin_not_allowed",
      "csrf_rejected",
      "confirmation_required",
    ],
  },
  404: {
    name: "NotFound",
    description: "It is not there, or not the caller's to see: which of both is not told.",
    codes: ["not_found", "unknown_url"],
  },
  409: {
    name: "Conflict",
    description: "It cannot be done as things stand.",
    codes: [
      "conflict",
      "last_owner",
      "cycle",
      "not_empty",
      "idempotency_mismatch",
      "idempotency_in_progress",
      "idempotency_answer_lost",
    ],
  },
  410: { name: "Gone", description: "What was good for one time was used.", codes: ["setup_done"] },
  412: {
    name: "PreconditionFailed",
    description: "It was changed since the version that `If-Match` names; `ETag` has the present one.",
    codes: ["precondition_failed"],
  },
  413: { name: "TooLarge", description: "The body is larger than 1 MB.", codes: ["request_too_large"] },
  415: {
    name: "UnsupportedMediaType",
    description: "The body is not `application/json`, or is encoded.",
    codes: ["unsupported_media_type", "unsupported_encoding"],
  },
  429: {
    name: "TooManyAttempts",
    description: "Too many attempts: wait as `Retry-After` says.",
    codes: ["too_many_attempts"],
  },
  500: { name: "InternalError", description: "Our fault; `x-request-id` finds it.", codes: ["internal_error"] },
  503: {
    name: "Unavailable",
    description: "A part cannot be reached: try again as `Retry-After` says.",
    codes: ["database_unavailable", "ledger_unavailable", "identity_provider_unavailable"],
  },
  504: {
    name: "Timeout",
    description: "The query took too long: ask for less.",
    codes: ["query_timeout"],
  },
};
