import type { GatewayError } from "../../errors.ts";
import { usdFromNano } from "../../lib/money.ts";
import { type AttemptFailure, factsOf, failureOf, mayMoveTo, mayTryAgain } from "../../router/failures.ts";
import type { Admission } from "./admission.ts";
import { admitted, carryOut } from "./admission.ts";
import { agree, giveUp } from "./agreement.ts";
import { type Attempt, type Inquiry, planNext } from "./attempt.ts";
import { MOST_ATTEMPTS } from "./candidates.ts";
import { type FailedAttempt, failedBy } from "./failed-attempt.ts";
import { warningsHeader } from "./warnings.ts";

/**
 * Answers an admitted request: by its first attempt, or by another where that one fails before a byte of its answer has gone
 * to the client and another target may serve it. Throws the GatewayError the client gets, settled.
 */
export async function answerRequest(inquiry: Inquiry, admission: Admission): Promise<Response> {
  const { health, now } = inquiry.services;
  health.count(now());
  let current = admission;
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
      const next = await nextAttempt(inquiry, current, failed);
      if (next === null) return conclude(current, failed);
      current = next;
    }
  }
}

/** Another attempt in place of one that failed, admitted under the same hold; null where there is none to be made. */
async function nextAttempt(inquiry: Inquiry, current: Admission, failed: FailedAttempt): Promise<Admission | null> {
  const { c } = inquiry;
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
  if (held === null || !mayGoOn(inquiry, attempt, failure, failed)) return null;
  const { candidates } = attempt;
  const { before } = candidates;
  candidates.before = exchange.after({
    ...failed.failing,
    billed: failed.failing.billed && factsOf(failure).mayBeBilled,
  });
  try {
    const planned = await planNext(inquiry, candidates);
    const agreement = await agree(inquiry, planned, true, held);
    // The client may have left meanwhile, which has settled the request.
    if (exchange.held === null) {
      giveUp(inquiry, agreement.attempt);
      return null;
    }
    exchange.handOver();
    stage.controller.abort();
    return admitted(inquiry, agreement);
  } catch {
    // Nobody else can serve it, or no limit leaves room for another attempt: the failure is the answer.
    candidates.before = before;
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
  if (!billed) exchange.sent = false;
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
