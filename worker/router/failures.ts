import type { FailureKind } from "../canonical/stream-event.ts";
import { kindOfStatus } from "../dialects/failure.ts";
import type { ErrorCode } from "../errors.ts";
import { LONGEST_COOLING } from "../lib/cooldowns.ts";
import { ownValue } from "../lib/own-value.ts";

/**
 * How an attempt can fail before a byte of its answer has gone to the client: what a provider says, and what happens on
 * the way. `unreachable`: no connection, or one that ended before the answer's headers, which look the same to a Worker.
 * `refused`: the gateway itself refused or failed, and the target has no part in it.
 */
export type AttemptFailure =
  | FailureKind
  | "unreachable"
  | "headers_timeout"
  | "first_token_timeout"
  | "idle_timeout"
  | "redirect"
  | "refused";

/** What follows from a failure. */
export interface FailureFacts {
  /** Which other target is asked next: any, one with a larger context window, or none: the client gets the failure. */
  movesOn: "any" | "larger_window" | "none";
  /** The same target may do better at once. `mayTryAgain` also hears what the provider says about it. */
  sameTarget: boolean;
  /** It speaks against the target's health. */
  countsAgainst: boolean;
  /** The target is left alone for a while: always, only where it says for how long, or never. */
  cools: "always" | "told" | "never";
  /** The request was sent and nobody said what became of it: the provider may bill it. What says it failed is not billed. */
  mayBeBilled: boolean;
}

/** The client's own fault: any target would say the same, and it says nothing of this one. */
const OF_THE_REQUEST: FailureFacts = {
  movesOn: "none",
  sameTarget: false,
  countsAgainst: false,
  cools: "never",
  mayBeBilled: false,
};

/** A fault that passes: the next try may go well anywhere. */
const PASSING: FailureFacts = { ...OF_THE_REQUEST, movesOn: "any", sameTarget: true, countsAgainst: true };

/** A fault that passes, of which nobody knows how far the provider had come. */
const UNANSWERED: FailureFacts = { ...PASSING, mayBeBilled: true };

/** The gateway's account at the provider: another target may have another one. */
const OF_THE_ACCOUNT: FailureFacts = { ...PASSING, sameTarget: false };

/** The one table of what follows from a failure (RELIABILITY, "Upstream faults"). */
const FACTS: Readonly<Record<AttemptFailure, FailureFacts>> = {
  unreachable: UNANSWERED,
  headers_timeout: UNANSWERED,
  first_token_timeout: UNANSWERED,
  idle_timeout: UNANSWERED,
  truncated: UNANSWERED,
  malformed: UNANSWERED,
  timeout: PASSING,
  internal: PASSING,
  overloaded: { ...PASSING, cools: "told" },
  // What is left alone until it takes requests again is not ill: a breaker would keep away what still gets through.
  rate_limit: { ...PASSING, countsAgainst: false, cools: "always" },
  quota: { ...OF_THE_ACCOUNT, cools: "told" },
  credential: OF_THE_ACCOUNT,
  permission: OF_THE_ACCOUNT,
  billing: OF_THE_ACCOUNT,
  // It would redirect again.
  redirect: OF_THE_ACCOUNT,
  context_length: { ...OF_THE_REQUEST, movesOn: "larger_window" },
  invalid_request: OF_THE_REQUEST,
  reasoning_state: OF_THE_REQUEST,
  content_policy: OF_THE_REQUEST,
  not_found: OF_THE_REQUEST,
  conflict: OF_THE_REQUEST,
  too_large: OF_THE_REQUEST,
  refused: OF_THE_REQUEST,
};

export const factsOf = (failure: AttemptFailure): FailureFacts => FACTS[failure];

/** A failure as it is at hand, whatever the dialect. */
export interface SeenFailure {
  /** The HTTP status the provider answered with; null where no answer has come. */
  status: number | null;
  /** A word of the table (so `UpstreamFailure.kind`), the code of a `GatewayError`, or the provider's own word. */
  code: string;
  /** What the provider asked to wait, in milliseconds. */
  retryAfterMs: number | null;
  /** The provider says that trying again is of no use (`x-should-retry: false`). */
  useless?: boolean;
}

/** Codes under which the gateway tells failures of providers (`dialects/failure.ts`), and its own of the way there. */
const BY_CODE: Partial<Record<ErrorCode, AttemptFailure>> = {
  upstream_unreachable: "unreachable",
  upstream_truncated: "truncated",
  upstream_invalid_request: "invalid_request",
  upstream_not_found: "not_found",
  upstream_conflict: "conflict",
  context_length_exceeded: "context_length",
  reasoning_state_invalid: "reasoning_state",
  content_policy_violation: "content_policy",
  provider_authentication: "credential",
  provider_billing: "billing",
  rate_limit_exceeded: "rate_limit",
  insufficient_quota: "quota",
};

/** Which failure it is. A word tells more than a status; a word that nobody knows leaves it to the status. */
export function failureOf({ status, code }: Pick<SeenFailure, "status" | "code">): AttemptFailure {
  const inside = status !== null && status < 300;
  if (code === "upstream_timeout") return status === null ? "headers_timeout" : inside ? "idle_timeout" : "timeout";
  // `send` says so of a redirect, before there is an answer; what has begun and cannot be read is another thing.
  if (code === "upstream_error" && (status === null || inside)) return status === null ? "redirect" : "malformed";
  if (Object.hasOwn(FACTS, code)) return code as AttemptFailure;
  const told = ownValue<AttemptFailure>(BY_CODE, code);
  if (told !== undefined) return told;
  if (status === null) return "refused";
  if (inside) return "internal";
  return status < 400 ? "redirect" : kindOfStatus(status);
}

/**
 * Whether the same target may be tried once more where no other is left. Not while it asks to be left alone; and a
 * provider that calls another try useless is believed about itself, which says nothing of other targets.
 */
export function mayTryAgain(failure: AttemptFailure, { retryAfterMs, useless }: SeenFailure): boolean {
  const { sameTarget, cools } = FACTS[failure];
  return sameTarget && useless !== true && (cools === "never" || retryAfterMs === null);
}

/**
 * Whether a target may be asked after another has failed so. The windows are in tokens, null where nobody knows: then it
 * is tried.
 */
export function mayMoveTo(failure: AttemptFailure, failedWindow: number | null, nextWindow: number | null): boolean {
  const { movesOn } = FACTS[failure];
  if (movesOn !== "larger_window") return movesOn === "any";
  return failedWindow === null || nextWindow === null || nextWindow > failedWindow;
}

/** A rate limit that does not say how long; vendors' limits are by the minute and flow back steadily. */
const UNTOLD = 5_000;
const SHORTEST = 1_000;

/** Until when the target is to be left alone, in milliseconds since the epoch; null: it need not be. Longer than five minutes no provider is believed. */
export function coolingUntil(failure: AttemptFailure, retryAfterMs: number | null, now: number): number | null {
  const { cools } = FACTS[failure];
  if (cools === "never" || (cools === "told" && retryAfterMs === null)) return null;
  return now + Math.min(Math.max(retryAfterMs ?? UNTOLD, SHORTEST), LONGEST_COOLING);
}
