import type { UpstreamFailure } from "../../canonical/stream-event.ts";
import type { Outcome } from "../../canonical/usage-event.ts";
import { retryAfterOf, UpstreamError } from "../../dialects/failure.ts";
import { GatewayError } from "../../errors.ts";
import type { AttemptFailure, SeenFailure } from "../../router/failures.ts";
import { asGatewayError } from "../errors.ts";

/** What is known of an attempt that failed. */
export interface Failing {
  /** How the request ends if no other attempt follows, as its row has it. */
  outcome: Outcome;
  status: number;
  errorCode: string | null;
  /** What the client gets then. */
  answer: Response | GatewayError;
  /** The provider's HTTP status; null when none came. */
  upstreamStatus: number | null;
  /** What kind of failure the provider's own words tell, where they have been read (`AttemptFailure`). */
  word?: AttemptFailure;
  /** The provider may bill it; null: as the table of failures says where another attempt follows, else yes. */
  billed: boolean | null;
}

/** An attempt that came to nothing before a byte of its answer went to the client: another one may take its place. */
export class FailedAttempt extends Error {
  override readonly name = "FailedAttempt";
  readonly failing: Failing;

  constructor(failing: Failing) {
    super(failing.errorCode ?? failing.outcome, { cause: failing.answer });
    this.failing = failing;
  }

  /** What the table of failures looks at. */
  get seen(): SeenFailure {
    const { answer, upstreamStatus, word, errorCode, outcome } = this.failing;
    const useless = answer instanceof Response && answer.headers.get("x-should-retry") === "false";
    const seconds = this.#retryAfter;
    return {
      status: upstreamStatus,
      code: word ?? (answer instanceof GatewayError ? answer.code : (errorCode ?? outcome)),
      retryAfterMs: seconds === null ? null : seconds * 1000,
      useless,
    };
  }

  /** Seconds the provider asks to be left alone; null when it does not say. */
  get #retryAfter(): number | null {
    const { answer } = this.failing;
    if (answer instanceof GatewayError) return answer.retryAfter;
    return retryAfterOf(answer.headers) ?? null;
  }
}

/** The failure behind anything that is thrown while an attempt is under way. */
export function failedBy(thrown: unknown, upstreamStatus: number | null = null): FailedAttempt {
  if (thrown instanceof FailedAttempt) return thrown;
  const error = asGatewayError(thrown);
  return new FailedAttempt({ ...failingOf(error, upstreamStatus), answer: error });
}

/** What an error tells of the attempt that it ends. */
export function failingOf(error: GatewayError, upstreamStatus: number | null): Omit<Failing, "answer"> {
  const failure = error instanceof UpstreamError ? error.failure : null;
  return {
    outcome: error.code === "upstream_timeout" ? "timeout" : "provider_error",
    ...{ status: error.status, errorCode: failure?.code ?? error.code, upstreamStatus, billed: null },
    ...(failure === null ? {} : { word: wordOf(failure) }),
  };
}

/** Failures that show in how a stream comes have codes of their own (`first-token.ts`), which say more than their kind. */
function wordOf({ code, kind }: UpstreamFailure): AttemptFailure {
  if (code === "first_token_timeout" || code === "idle_timeout") return code;
  return code === "broken_off" ? "truncated" : kind;
}
