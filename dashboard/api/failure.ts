/** What a failure means to the person at the page. */
export type FailureKind =
  | "signed_out"
  | "forbidden"
  | "not_found"
  | "changed_meanwhile"
  | "too_many"
  | "gateway_away"
  | "database_away"
  | "other";

interface FailureFacts {
  kind: FailureKind;
  message: string;
  /** HTTP status; null when no answer came. */
  status?: number | null;
  /** The API's own code; null when the answer was not the API's. */
  code?: string | null;
  requestId?: string | null;
  /** The field or parameter that is wrong, as the API names it. */
  param?: string | null;
  /** How many seconds to wait before asking again. */
  retryAfter?: number | null;
  cause?: unknown;
}

/** A question to the gateway that got no answer, or an answer that is a refusal. */
export class ApiFailure extends Error {
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly param: string | null;
  readonly retryAfter: number | null;

  constructor({ kind, message, status, code, requestId, param, retryAfter, cause }: FailureFacts) {
    super(message, { cause });
    this.name = "ApiFailure";
    this.kind = kind;
    this.status = status ?? null;
    this.code = code ?? null;
    this.requestId = requestId ?? null;
    this.param = param ?? null;
    this.retryAfter = retryAfter ?? null;
  }
}

function kindOf(status: number, code: string | null): FailureKind {
  if (status === 401) return "signed_out";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 412) return "changed_meanwhile";
  if (status === 429) return "too_many";
  if (code === "database_unavailable") return "database_away";
  // An answer without a code is not the router's: the site could not reach it.
  return code === null && status >= 500 ? "gateway_away" : "other";
}

/** Reads a refusal. The API explains itself in `{"error": {"code", "message"}}`; whatever stands between may not. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: unknown; message?: unknown; param?: unknown } } | null)?.error;
  const code = typeof error?.code === "string" ? error.code : null;
  const kind = kindOf(response.status, code);
  const fallback =
    kind === "gateway_away" ? "The gateway does not answer." : `The gateway answered with status ${response.status}.`;
  return new ApiFailure({
    kind,
    message: typeof error?.message === "string" ? error.message : fallback,
    status: response.status,
    code,
    requestId: response.headers.get("x-request-id"),
    param: typeof error?.param === "string" ? error.param : null,
    retryAfter: Number(response.headers.get("retry-after")) || null,
  });
}

/** Anything thrown, as a failure. A time-out of ours is a gateway that does not answer. */
export const asFailure = (thrown: unknown): ApiFailure =>
  thrown instanceof ApiFailure
    ? thrown
    : new ApiFailure({ kind: "other", message: "This page met an error of its own.", cause: thrown });
