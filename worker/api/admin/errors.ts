import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CLAIM_LOST } from "../../../drizzle/idempotency-claim.ts";
import { type ErrorClass, GatewayError, StorageError } from "../../errors.ts";
import { sqlstateOf } from "../../lib/database-error.ts";
import { CursorError } from "../../lib/page.ts";

/** The management API's error body, OpenAI's shape. */
interface ErrorBody {
  error: { code: string; message: string; type: string; param: string | null };
}

/** `type` by class; clients of ours decide by `code`. */
const TYPES: Record<ErrorClass, string> = {
  invalid_request: "invalid_request_error",
  authentication: "authentication_error",
  permission: "permission_error",
  not_found: "not_found_error",
  conflict: "conflict_error",
  too_large: "invalid_request_error",
  rate_limit: "rate_limit_error",
  quota: "insufficient_quota",
  overloaded: "server_error",
  timeout: "server_error",
  internal: "server_error",
};

/** True when the database driver threw it, possibly inside of other errors. */
function isFromDatabase(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) if (error.name === "NeonDbError") return true;
  return false;
}

/** What the caller is told of anything thrown: its own words when it is a refusal of ours, else no details. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (sqlstateOf(thrown) === CLAIM_LOST) return inProgress(thrown);
  if (thrown instanceof CursorError) return otherCursor(thrown);
  if (sqlstateOf(thrown) === CANCELED) return tooLong(thrown);
  const storage = thrown instanceof StorageError ? thrown : isFromDatabase(thrown) ? wrap(thrown) : null;
  if (storage?.transient) {
    return new GatewayError("database_unavailable", "The database cannot be reached. Try again in a moment.", {
      retryAfter: 1,
      cause: thrown,
    });
  }
  return new GatewayError("internal_error", "Something went wrong on our side.", { cause: thrown });
}

/** Another request with the same `Idempotency-Key` is at work, or has taken over from this one, which has changed nothing. */
export const inProgress = (cause?: unknown) =>
  new GatewayError(
    "idempotency_in_progress",
    "A request with this Idempotency-Key is under way. Send it again later.",
    {
      ...{ retryAfter: 1, cause },
    },
  );

const otherCursor = (cause: unknown) =>
  new GatewayError("invalid_value", "This cursor is not one of this list. Take `next_cursor` of the page before.", {
    ...{ param: "cursor", cause },
  });

/** Postgres' `query_canceled`: a statement took too long (`forList`). */
const CANCELED = "57014";

const tooLong = (cause: unknown) =>
  new GatewayError(
    "query_timeout",
    "The database took too long for this, and was stopped. Ask for less, or try again.",
    {
      cause,
    },
  );

const wrap = (thrown: unknown) => new StorageError("the database failed", sqlstateOf(thrown), thrown);

/** An error as the answer to a management request. */
export function adminErrorResponse(context: Context, error: GatewayError): Response {
  for (const [name, value] of Object.entries(error.headers)) context.header(name, value);
  if (error.retryAfter !== null) context.header("retry-after", String(error.retryAfter));
  return context.json(errorBody(error), error.status as ContentfulStatusCode);
}

/** An error as bodies tell it. */
export const errorBody = ({ code, message, class: of, param }: GatewayError): ErrorBody => ({
  error: { code, message, type: TYPES[of], param },
});
