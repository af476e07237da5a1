import { errorOfFailure } from "../../dialects/failure.ts";
import { GatewayError } from "../../errors.ts";
import { usdFromNano } from "../../lib/money.ts";
import { type AttemptFailure, factsOf, failureOf, mayMoveTo, mayTryAgain } from "../../router/failures.ts";
import type { Candidate } from "../../router/targets.ts";
import type { Admission } from "./admission.ts";
import { admitted, carryOut } from "./admission.ts";
import { agree, giveUp } from "./agreement.ts";
import { type Attempt, type Inquiry, planNext } from "./attempt.ts";
import { MOST_ATTEMPTS } from "./candidates.ts";
import { type FailedAttempt, type Failing, failedBy } from "./failed-attempt.ts";
import { informed } from "./informed.ts";
import { toldError } from "./story.ts";

/**
 * Answers an admitted request: by its first attempt, or by another where that one fails before a byte of its answer has gone
 * to the client and another target may serve it. Throws the GatewayError the client gets, settled.
 */
export async function answerRequest(inquiry: Inquiry, admission: Admission): Promise<Response> {
  const { c, services } = inquiry;
  const { health, now } = services;
  health.count(now());
  let current = admission;
  /** The last failure that will pass: what only a later target refuses does not hide it. */
  let passing: Failed | null = null;
  for (;;) {
    try {
      const response = await carryOut(current);
      const { candidate, passage } = current.attempt;
      // A count may come from us, and a counter says nothing of the model beside it.
      if (inquiry.call.operation === "count_tokens") health.abandoned(candidate.key, passage);
      else health.succeeded(candidate.key, passage, now());
      return response;
    } catch (thrown) {
      const failed = failedBy(thrown);
      if (isPassing(failed)) passing = { failed, admission: current };
      const going = nextAttempt(inquiry, current, failed, passing !== null);
      // Whoever holds the request by then must hear of its end, also when the client leaves meanwhile.
      c.executionCtx.waitUntil(Promise.allSettled([going]));
      const next = await going;
      if (next === null) return conclude(current, failed, passing ?? { failed, admission: current });
      current = next;
    }
  }
}

/** An attempt that failed, and how. */
interface Failed {
  failed: FailedAttempt;
  admission: Admission;
}

const isPassing = (failed: FailedAttempt): boolean => factsOf(failureOf(failed.seen)).movesOn === "any";

/**
 * Another attempt in place of one that failed, admitted under the same hold; null where there is none to be made. `passing`: one
 * has failed in a way that passes, so that the request may go on also where this target refuses it for what it is.
 */
async function nextAttempt(
  inquiry: Inquiry,
  current: Admission,
  failed: FailedAttempt,
  passing: boolean,
): Promise<Admission | null> {
  const { c, services } = inquiry;
  const { attempt, stage } = current;
  const { exchange } = stage;
  const held = exchange.held;
  if (exchange.clientGone || c.req.raw.signal.aborted) {
    // What was cancelled tells nothing of its target.
    giveUp(inquiry, attempt);
    return null;
  }
  const failure = failureOf(failed.seen);
  noteFailure(inquiry, attempt, failure, failed);
  if (held === null || !mayGoOn(inquiry, attempt, { failure, failed, passing })) return null;
  const { candidates } = attempt;
  const { before } = candidates;
  const { failing } = failed;
  const after = exchange.after({ ...failing, billed: failing.billed ?? factsOf(failure).mayBeBilled });
  candidates.before = after;
  exchange.handingOver = true;
  try {
    const planned = await planNext(inquiry, candidates);
    const agreement = await agree(inquiry, planned, true, held);
    exchange.handOver();
    stage.controller.abort();
    return admitted(inquiry, agreement);
  } catch (error) {
    // Nobody else can serve it, or no limit leaves room for another attempt: the failure is the answer.
    if (!(error instanceof GatewayError)) {
      services.report({ requestId: inquiry.requestId, what: "internal_error", cause: error }, inquiry.span);
    }
    exchange.passedOver = candidates.before.tries.slice(after.tries.length);
    candidates.before = before;
    exchange.handingOver = false;
    return null;
  }
}

/** Whether another attempt may follow, as far as the failure, the request and the isolate's budget of retries allow. */
function mayGoOn(
  inquiry: Inquiry,
  { candidates, candidate, deadline }: Attempt,
  { failure, failed, passing }: { failure: AttemptFailure; failed: FailedAttempt; passing: boolean },
): boolean {
  const { services } = inquiry;
  const { movesOn } = factsOf(failure);
  if (!candidates.mayMoveOn || (movesOn === "none" && !passing)) return false;
  const now = services.now();
  if (candidates.before.attempts + 1 >= MOST_ATTEMPTS || now >= deadline) return false;
  const windowOf = (one: Candidate) => informed(inquiry, one).target.model?.contextWindow ?? null;
  const window = windowOf(candidate);
  if (movesOn !== "none") {
    candidates.keep((one) => mayMoveTo(failure, window, windowOf(one)));
  }
  if (mayTryAgain(failure, failed.seen)) candidates.putBack(candidate);
  // A prompt that is too long for one target says nothing of a provider that is failing under its load.
  return candidates.alternatives && (movesOn === "larger_window" || services.health.mayRetry(now));
}

/** What the failure says of its target: here, and to the other isolates where the target wants to be left alone. */
function noteFailure(
  { services, key, c }: Inquiry,
  { candidate, candidates, passage }: Attempt,
  failure: AttemptFailure,
  { seen }: FailedAttempt,
): void {
  const cooling = services.health.failed(candidate.key, passage, {
    ...{ failure, retryAfterMs: seen.retryAfterMs, now: services.now() },
  });
  if (cooling === null || !candidates.mayMoveOn) return;
  c.executionCtx.waitUntil(
    services
      .ledger(key.rootId, key.jurisdiction)
      .cool([cooling])
      .catch(() => {}),
  );
}

/** The end of a request none of whose attempts was answered: the last one `failed`, and this or an earlier one is `told`. */
function conclude({ stage }: Admission, { failing: last }: FailedAttempt, told: Failed): Response {
  const { exchange } = stage;
  const { answer, outcome, status, errorCode } = toldOf(told);
  if (last.billed === false) exchange.sent = false;
  const costNano = exchange.settle(outcome, status, errorCode, last.errorCode);
  const attempts = String(exchange.attempts);
  if (!(answer instanceof Response)) throw answer.with({ "x-gaia-attempts": attempts });
  answer.headers.set("x-gaia-attempts", attempts);
  if (answer.ok && costNano !== null) answer.headers.set("x-gaia-cost", usdFromNano(costNano));
  return answer;
}

/** What a provider says of the credential that it was asked with. */
const OF_THE_CREDENTIAL = ["credential", "permission", "billing"] as const;

/**
 * The failure as the client gets it. Whoever names no provider is not told, as if it was its own, that a credential of the
 * gateway's was not taken: its key is fine. Whoever names `provider/model` gets what the provider says.
 */
function toldOf({ admission: { attempt, stage }, failed: { failing, seen } }: Failed): Failing {
  const story = { target: attempt.planning.target, exchange: stage.exchange };
  const { answer, upstreamStatus } = failing;
  const kind = OF_THE_CREDENTIAL.find((one) => one === failureOf(seen));
  const { route, mayMoveOn } = attempt.candidates;
  if (kind !== undefined && (route !== null || mayMoveOn)) {
    const error = errorOfFailure({ kind, message: "", code: null, status: null });
    return { ...failing, status: error.status, answer: toldError(error, story, upstreamStatus) };
  }
  return answer instanceof Response ? failing : { ...failing, answer: toldError(answer, story, upstreamStatus) };
}
