import { GatewayError } from "../../errors.ts";
import type { Admitted } from "../../ledger/contract.ts";
import { endAfter } from "../../router/deadline.ts";
import { type Agreement, agree } from "./agreement.ts";
import { type Attempt, type Inquiry, stageFor, termsFor } from "./attempt.ts";
import { requirePermission } from "./authenticate.ts";
import type { Finish, Stage } from "./walk.ts";

/** An admitted request on its way. */
export interface Admission extends Agreement {
  stage: Stage;
  /** The answer, where it was asked for while the Ledger was. */
  early: Promise<Finish> | null;
}

/**
 * Admits the request. A key without limits does not wait to send: its call runs beside, and is aborted when the Ledger says
 * no, or yes to something else than what was sent. Throws for every refusal; then nothing is held.
 */
export async function admit(inquiry: Inquiry, first: Attempt): Promise<Admission> {
  const { services, key, startedAt } = inquiry;
  const remembered = services.principals.get(key.mac, startedAt);
  if (remembered !== null) requirePermission(remembered, "write");
  const stage = stageFor(inquiry, first);
  const beside = remembered !== null && !remembered.limited && !first.walk.admitFirst;
  const early = beside ? first.walk.send(stage) : null;
  early?.catch(() => {});
  let agreement: Agreement;
  try {
    agreement = await agree(inquiry, first, remembered?.limited ?? null);
  } catch (error) {
    stage.controller.abort();
    throw error;
  }
  const { attempt, answer } = agreement;
  if (attempt === first && (early === null || !needsCap(first, answer))) {
    stage.exchange.price = attempt.price;
    if (early === null) stage.exchange.outputCap = capToSend(inquiry, attempt, answer);
    return begun({ ...agreement, stage, early });
  }
  stage.controller.abort();
  const again = stageFor(inquiry, attempt);
  again.exchange.outputCap = capToSend(inquiry, attempt, answer);
  if (early !== null) again.exchange.attempts++;
  return begun({ ...agreement, stage: again, early: null });
}

/** Whether a call without a cap of ours could go beyond what was admitted. */
const needsCap = ({ planning }: Attempt, { outputCap }: Admitted): boolean =>
  outputCap !== null && outputCap !== planning.target.model?.maxOutputTokens;

/**
 * The cap to send. The model's own maximum is left to the provider where prompt and maximum together could be more than its
 * window: some refuse such a request (OpenAI, Anthropic), though the answer would have fitted.
 */
function capToSend(inquiry: Inquiry, attempt: Attempt, answer: Admitted): number | null {
  const window = attempt.planning.target.model?.contextWindow;
  // What the body does not show, as stored state, is in what is held.
  if (needsCap(attempt, answer) || answer.outputCap === null || window === undefined) return answer.outputCap;
  return termsFor(inquiry, attempt).bound.inputTokens + answer.outputCap > window ? null : answer.outputCap;
}

function begun(admission: Admission): Admission {
  const { stage, holder, answer, attempt } = admission;
  stage.exchange.admitted(holder, answer.handle);
  // Where nothing is limited nothing is held that could be less.
  if (answer.principal.limited) stage.exchange.prompt = attempt.prompt?.prefixes ?? null;
  return admission;
}

/** Sends what has been admitted, if it is not under way, and makes the client's answer; each ending settles, once. */
export async function carryOut({ attempt, stage, early }: Admission): Promise<Response> {
  const { exchange, controller, onClientGone, c } = stage;
  const { services, target, facts } = attempt.planning;
  const { total } = services.timeoutsFor(target.model, facts.stream, null);
  const clientGone = c.req.raw.signal;
  if (early === null && clientGone.aborted) {
    exchange.settle("client_gone", 499);
    throw new GatewayError("upstream_unreachable", "The client left before the request was sent.");
  }
  exchange.sent = true;
  endAfter(controller, total, exchange.ended);
  if (clientGone.aborted) onClientGone();
  else clientGone.addEventListener("abort", onClientGone, { once: true });
  const finish = await sendTo(stage, early ?? attempt.walk.send(stage));
  return finish();
}

/** Waits until it is known what kind of answer it is. */
async function sendTo({ exchange, onClientGone, c }: Stage, sending: Promise<Finish>): Promise<Finish> {
  try {
    return await sending;
  } catch (error) {
    if (c.req.raw.signal.aborted) onClientGone();
    const code = error instanceof GatewayError ? error.code : "internal_error";
    const status = error instanceof GatewayError ? error.status : 500;
    exchange.settle(code === "upstream_timeout" ? "timeout" : "provider_error", status, code);
    throw error;
  }
}
