import type { Principal } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { Admitted } from "../../ledger/contract.ts";
import { endAfter } from "../../router/deadline.ts";
import { type Agreement, agree } from "./agreement.ts";
import { type Attempt, type Inquiry, planNext, stageFor, termsFor } from "./attempt.ts";
import { requirePermission } from "./authenticate.ts";
import { candidatesFor } from "./choose.ts";
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
export async function admit(inquiry: Inquiry): Promise<Admission> {
  const { services, key, startedAt } = inquiry;
  const candidates = await candidatesFor(inquiry);
  const remembered = services.principals.get(key.mac, startedAt);
  if (remembered !== null) requirePermission(remembered, "write");
  const first = await planNext(inquiry, candidates);
  const { provider, upstreamModel } = first.planning.target;
  inquiry.span.note({ model: `${provider.id}/${upstreamModel}` });
  const stage = stageFor(inquiry, first);
  const beside = remembered !== null && isFree(inquiry, remembered) && !first.walk.admitFirst;
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
    return held({ ...agreement, stage, early });
  }
  stage.controller.abort();
  const again = admitted(inquiry, agreement);
  if (early !== null) again.stage.exchange.attempts += stage.exchange.attempts;
  return again;
}

/** An attempt that the Ledger has said yes to, with what it is sent with. */
export function admitted(inquiry: Inquiry, agreement: Agreement): Admission {
  const { attempt, answer } = agreement;
  const stage = stageFor(inquiry, attempt);
  stage.exchange.outputCap = capToSend(inquiry, attempt, answer);
  return held({ ...agreement, stage, early: null });
}

/**
 * Nothing the Ledger may say changes what is sent: no limit binds the key, no allow-list of the key may be against it, and its
 * model's name meant this target a moment ago.
 */
const isFree = (
  { services, key, from, requestedModel, startedAt }: Inquiry,
  { limited, restricted, routed }: Principal,
): boolean =>
  !limited &&
  !restricted &&
  from.origin === null &&
  (!routed || services.routes.isFresh({ ...key, name: requestedModel }, startedAt));

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

function held(admission: Admission): Admission {
  const { stage, holder, answer, attempt } = admission;
  stage.exchange.admitted(holder, answer.handle);
  const { route } = attempt.candidates;
  const { organizationId } = answer.principal;
  stage.exchange.span.note({ organizationId, ...(route === null ? {} : { routeId: route.id }) });
  // Where nothing is limited nothing is held that could be less.
  if (answer.principal.limited) stage.exchange.prompt = attempt.prompt?.prefixes ?? null;
  return admission;
}

/** Sends what has been admitted, if it is not under way, and makes the client's answer; throws what it failed by. */
export async function carryOut({ attempt, stage, early }: Admission): Promise<Response> {
  const { exchange, controller, onClientGone, c } = stage;
  const { total } = attempt.planning.timeouts;
  const clientGone = c.req.raw.signal;
  if (early === null && clientGone.aborted) {
    exchange.settle("client_gone", 499);
    throw new GatewayError("upstream_unreachable", "The client left before the request was sent.");
  }
  exchange.sent = true;
  endAfter(controller, total, exchange.ended);
  if (clientGone.aborted) onClientGone();
  else clientGone.addEventListener("abort", onClientGone, { once: true });
  try {
    const finish = await (early ?? attempt.walk.send(stage));
    return await finish();
  } catch (error) {
    if (clientGone.aborted) onClientGone();
    throw error;
  }
}
