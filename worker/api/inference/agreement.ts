import { type AccessRule, ruleAgainst } from "../../canonical/model-access.ts";
import type { RouteRecord } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { Decision } from "../../ledger/admitter.ts";
import type { AdmitRequest, Admitted, Denial, Replan } from "../../ledger/contract.ts";
import type { Held, Holder } from "../../ledger/holder.ts";
import { type Origin, regionOf } from "../../ledger/regions.ts";
import { resolveTarget } from "../../router/resolve.ts";
import {
  type Attempt,
  admitRequestOf,
  type Inquiry,
  planNext,
  pricedModel,
  priceOf,
  type Question,
} from "./attempt.ts";
import { askLedger, modelDisabled } from "./authenticate.ts";
import { Candidates } from "./candidates.ts";
import { candidateOf, candidatesFor } from "./choose.ts";
import { errorOfDenial, ratesOfDenial, substitutionRefused } from "./denial.ts";
import { modelOf } from "./informed.ts";
import { writesCap } from "./output-cap.ts";
import { capPathOf } from "./plan.ts";
import { rateHeaders } from "./rate-headers.ts";

/** What the Ledger has said yes to. */
export interface Agreement {
  /** The one that was asked for, or the one planned for a limit's cheaper model. */
  attempt: Attempt;
  answer: Admitted;
  /** Who holds it until it settles. */
  holder: Holder;
}

/**
 * A route, what is cooling, and a cheaper model may each be told once, and a price of the target before that and after it;
 * the rest is for a configuration that changes meanwhile.
 */
const MOST_ROUNDS = 8;
/** Rounds beside them, for what is known and allowed of models, once for each target that may come to be asked. */
const MOST_TOLD_OF_MODELS = 5;

/**
 * Asks the Ledger until it says yes or no: on its word the request is rated by the tenant's own price, or planned for a
 * cheaper model, for the targets of another route, or for a target that is not cooling. `limited`: a limit stands above the
 * key; null where nobody knows yet. `held`: who holds an attempt whose place this one takes. Throws the GatewayError that
 * tells its no. An attempt that is not the one agreed upon has been given up.
 */
export async function agree(
  inquiry: Inquiry,
  first: Attempt,
  limited: boolean | null,
  held: Held | null = null,
): Promise<Agreement> {
  const asking: Asking = { attempt: first, substituted: false, insists: false, replaces: held?.handle ?? null };
  try {
    return await negotiate(inquiry, asking, limited, held);
  } catch (error) {
    giveUp(inquiry, asking.attempt);
    throw error;
  }
}

/** What is asked at the moment. */
interface Asking extends Question {
  attempt: Attempt;
}

async function negotiate(
  inquiry: Inquiry,
  asking: Asking,
  limited: boolean | null,
  held: Held | null,
): Promise<Agreement> {
  const { services, key } = inquiry;
  let ofModels = 0;
  for (let round = 0; round < MOST_ROUNDS + Math.min(ofModels, MOST_TOLD_OF_MODELS); round++) {
    const { attempt } = asking;
    const request = admitRequestOf(inquiry, attempt, asking);
    const { answer, holder } = await askLedger(decide(inquiry, request, limited, held));
    if (answer.ok) {
      // A cap of the organization's own also has to be known before the next request is sent.
      const limited = answer.principal.limited || answer.outputCap !== null;
      services.principals.remember(key.mac, { ...answer.principal, limited }, services.now());
      if (answer.principal.routed && !asking.substituted) rememberRoute(inquiry, attempt.candidates.route);
      noteChanges(attempt, answer);
      return { attempt, answer, holder };
    }
    switch (answer.code) {
      case "use_price": {
        const { target } = attempt.planning;
        services.tenantPrices.remember(pricedModel(inquiry, target), answer.price);
        attempt.price = priceOf(inquiry, target);
        break;
      }
      case "use_model":
        asking.attempt = await substituteFor(inquiry, attempt, answer);
        if (asking.attempt !== attempt) giveUp(inquiry, attempt);
        asking.substituted = true;
        break;
      case "use_route":
        rememberRoute(inquiry, answer.route);
        // Attempts of two routes are not mixed.
        if (held !== null) throw changing();
        giveUp(inquiry, attempt);
        asking.attempt = await planNext(inquiry, await candidatesFor(inquiry));
        break;
      case "use_facts":
        ofModels++;
        services.tenantModels.remember(key.rootId, answer.model, answer.record);
        giveUp(inquiry, attempt);
        asking.attempt = await plannedAnew(inquiry, attempt);
        break;
      case "use_access":
        ofModels++;
        giveUp(inquiry, attempt);
        asking.attempt = await planAllowed(inquiry, attempt, answer.access);
        break;
      case "cooling":
        services.health.learn(answer.cooling, services.now());
        giveUp(inquiry, attempt);
        attempt.candidates.giveBack(attempt.candidate);
        asking.attempt = await planNext(inquiry, attempt.candidates);
        asking.insists = true;
        break;
      default:
        services.principals.forget(key.mac);
        throw refusalOf(inquiry, attempt, answer);
    }
  }
  throw changing();
}

const changing = (): GatewayError =>
  new GatewayError("ledger_unavailable", "What limits this key is being changed. Try again shortly.", {
    retryAfter: 1,
  });

/** The same targets once more, where what is known of one has changed. */
async function plannedAnew(inquiry: Inquiry, { candidate, candidates, planning }: Attempt): Promise<Attempt> {
  candidates.giveBack(candidate);
  const attempt = await planNext(inquiry, candidates);
  const substituted = planning.losses.told.some(({ code }) => code === "model_substituted");
  if (substituted) attempt.planning.losses.note("model_substituted", "model");
  return attempt;
}

/** The next target that organizations allow; throws what says that none is. */
function planAllowed(inquiry: Inquiry, { candidate, candidates }: Attempt, access: AccessRule[]): Promise<Attempt> {
  candidates.giveBack(candidate);
  candidates.forbid(access, inquiry.services.now() - inquiry.startedAt);
  const model = modelOf(candidate.target);
  if (!candidates.alternatives) throw modelDisabled(model, "model", ruleAgainst(access, model)?.name ?? "");
  return planNext(inquiry, candidates);
}

const rememberRoute = ({ services, key, requestedModel }: Inquiry, route: RouteRecord | null): void =>
  services.routes.remember({ ...key, name: requestedModel }, route, services.now());

/** It will not be asked: its breaker waits for no report. */
export function giveUp({ services }: Inquiry, { candidate, passage }: Attempt): void {
  services.health.abandoned(candidate.key, passage);
}

/** Where Cloudflare says the request came in; nothing on one's own machine. */
const originOf = (request: Request): Origin => (request as { cf?: Origin }).cf ?? {};

/** Asks the Ledger, or the shard of it that is near. */
function decide(
  { c, services, key }: Inquiry,
  request: AdmitRequest,
  limited: boolean | null,
  held: Held | null,
): Promise<Decision> {
  const { rootId, jurisdiction, keyId } = key;
  const region = regionOf(originOf(c.req.raw));
  return services.admitter.admit({
    ledger: services.ledger(rootId, jurisdiction),
    shard: services.shard({ rootId, jurisdiction, region, keyId }),
    away: services.shard({ rootId, jurisdiction, region: null, keyId }),
    request,
    limited,
    holder: held?.holder ?? null,
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
  });
}

function refusalOf({ services, dialect }: Inquiry, { planning }: Attempt, denial: Denial): GatewayError {
  const now = services.now();
  const spread = (services.random(1)[0] ?? 0) / 256;
  const error = errorOfDenial(denial, { now, capPath: capPathOf(planning), spread });
  return error.with(rateHeaders(dialect.id, ratesOfDenial(denial), now));
}

/**
 * The request planned for a limit's cheaper model. Where that one cannot be asked it, the request goes on as it was, as far
 * as the limit allows. Only answers can be another model's: vectors of two models cannot be compared.
 */
async function substituteFor(
  inquiry: Inquiry,
  attempt: Attempt,
  { model, limitId }: Extract<Replan, { code: "use_model" }>,
): Promise<Attempt> {
  if (inquiry.call.operation !== "generate") return attempt;
  const now = attempt.planning.target;
  const { route, before } = attempt.candidates;
  try {
    const target = resolveTarget(model, inquiry.services.providers);
    if (target.provider.id === now.provider.id && target.upstreamModel === now.upstreamModel) return attempt;
    if (!inquiry.strict) {
      const other = await planNext(
        inquiry,
        new Candidates({ route, before, wanted: [candidateOf(target, "model")], mayMoveOn: false }),
      );
      other.planning.losses.note("model_substituted", "model");
      return other;
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    inquiry.span.log({ level: "warn", event: "limit.fallback_unusable", limitId, model, code: error.code });
    return attempt;
  }
  throw substitutionRefused(model, limitId);
}

/** Names what the limits change: the client is told, and a strict one does not mind. */
function noteChanges({ planning }: Attempt, { outputCap, lowered, exceeded }: Admitted): void {
  const { losses, target } = planning;
  for (const limit of exceeded) losses.note("limit_exceeded", limit);
  if (outputCap === null) return;
  const most = target.model?.maxOutputTokens;
  const { body, dialect } = planning;
  if (lowered) losses.note("output_cap_lowered", capPathOf(planning));
  // The model's own maximum takes nothing from anybody, unless it stands in place of what is no cap.
  else if (most === undefined || outputCap < most || writesCap(body.body, dialect.id)) {
    losses.note("output_cap_set", capPathOf(planning));
  }
}
