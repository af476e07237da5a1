import { GatewayError } from "../../errors.ts";
import { usdFromNano } from "../../lib/money.ts";
import { type AttemptFailure, factsOf, failureOf, mayMoveTo, mayTryAgain } from "../../router/failures.ts";
import type { Admission } from "./admission.ts";
import { admitted, carryOut } from "./admission.ts";
import { agree } from "./agreement.ts";
import { type Attempt, type Inquiry, planNext } from "./attempt.ts";
import { MOST_ATTEMPTS } from "./candidates.ts";
import { type FailedAttempt, failedBy } from "./failed-attempt.ts";
import { warningsHeader } from "./warnings.ts";

/**
 * Answers an admitted request: by its first attempt, or by another where that one fails before a byte of its answer has gone
 * to the client and another target may serve it. Throws the GatewayError the client gets, settled.
 */
export async function answerRequest(inquiry: Inquiry, admission: Admission): Promise<Response> {
  const { c, services } = inquiry;
  services.health.count(services.now());
  let current = admission;
  for (;;) {
    try {
      const response = await carryOut(current);
      noteAnswer(services, current.attempt);
      return response;
    } catch (thrown) {
      const failed = failedBy(thrown);
      const going = nextAttempt(inquiry, current, failed);
      // Whoever holds the request by then must hear of its end, also when the client leaves meanwhile.
      c.executionCtx.waitUntil(Promise.allSettled([going]));
      const next = await going;
      if (next === null) return conclude(current, failed);
      current = next;
    }
  }
}

/** A count tells nothing of its target: it may be remembered, or estimated because nobody has answered. */
function noteAnswer({ health, now }: Inquiry["services"], { candidate, passage, planning }: Attempt): void {
  if (planning.call.operation === "count_tokens") health.abandoned(candidate.key, passage);
  else health.succeeded(candidate.key, passage, now());
}

/** Another attempt in place of one that failed, admitted under the same hold; null where there is none to be made. */
async function nextAttempt(inquiry: Inquiry, current: Admission, failed: FailedAttempt): Promise<Admission | null> {
  const { c, services } = inquiry;
  const { attempt, stage } = current;
  const { exchange } = stage;
  const { candidates, candidate, passage } = attempt;
  const failure = failureOf(failed.seen);
  if (exchange.clientGone || c.req.raw.signal.aborted) {
    // Its call may have failed for no other reason.
    services.health.abandoned(candidate.key, passage);
    return null;
  }
  noteFailure(inquiry, attempt, failure, failed);
  const held = exchange.held;
  if (held === null || !mayGoOn(inquiry, attempt, failure, failed)) return null;
  const { before } = candidates;
  const { failing } = failed;
  candidates.before = exchange.after({ ...failing, billed: failing.billed ?? factsOf(failure).mayBeBilled });
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
    candidates.before = before;
    exchange.handingOver = false;
    return null;
  }
}

/** Whether another attempt may follow, as far as the failure, the request and the isolate's budget of retries allow. */
function mayGoOn({ services }: Inquiry, attempt: Attempt, failure: AttemptFailure, failed: FailedAttempt): boolean {
  const { candidates, candidate, deadline } = attempt;
  if (!candidates.mayMoveOn || factsOf(failure).movesOn === "none") return false;
  const now = services.now();
  if (candidates.before.attempts + 1 >= MOST_ATTEMPTS || now >= deadline) return false;
  const window = candidate.target.model?.contextWindow ?? null;
  candidates.keep(({ target }) => mayMoveTo(failure, window, target.model?.contextWindow ?? null));
  if (mayTryAgain(failure, failed.seen)) candidates.putBack(candidate);
  return candidates.alternatives && services.health.mayRetry(now);
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

/** The end of a request none of whose attempts was answered. */
function conclude({ attempt, stage }: Admission, { failing }: FailedAttempt): Response {
  const { exchange } = stage;
  const { answer, billed, outcome, status, errorCode } = failing;
  if (billed === false) exchange.sent = false;
  const costNano = exchange.settle(outcome, status, errorCode);
  if (!(answer instanceof Response)) throw told(answer, attempt);
  if (answer.ok && costNano !== null) answer.headers.set("x-gaia-cost", usdFromNano(costNano));
  return answer;
}

/** The error with what was lost on the way. */
function told(error: GatewayError, { planning }: Attempt): GatewayError {
  const warnings = warningsHeader(planning.losses);
  return warnings === null ? error : error.with({ "x-gaia-warnings": warnings });
}
