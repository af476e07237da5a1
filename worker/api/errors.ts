import type { Dialect } from "../dialects/dialect.ts";
import { GatewayError } from "../errors.ts";

/** Anything thrown, as an error the client may read; what was not foreseen says no more than that. */
export const asGatewayError = (error: unknown): GatewayError =>
  error instanceof GatewayError
    ? error
    : new GatewayError(
        "internal_error",
        "Something went wrong in the gateway. Try again; name the request id if it stays.",
        {
          cause: error,
        },
      );

/** An error as an HTTP response in the client's dialect. */
export function errorResponse(error: GatewayError, dialect: Dialect, requestId: string): Response {
  const { body, status, headers: own } = dialect.encodeError(error, requestId);
  const headers = new Headers({ "content-type": "application/json", ...own, ...error.headers });
  headers.set("x-request-id", requestId);
  if (error.retryAfter !== null) headers.set("retry-after", String(error.retryAfter));
  if (!error.retry) headers.set("x-should-retry", "false");
  return new Response(JSON.stringify(body), { status: status ?? error.status, headers });
}
