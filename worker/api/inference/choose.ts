import type { RouteRecord, RouteTarget } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import { conversationKey } from "../../router/conversation-key.ts";
import { resolveTarget, type Target } from "../../router/resolve.ts";
import { type Candidate, orderTargets, targetKey } from "../../router/targets.ts";
import type { Asked } from "./attempt.ts";
import { askLedger, denied } from "./authenticate.ts";
import { Candidates } from "./candidates.ts";

/**
 * The targets that may serve a request, in the order in which they are wanted: those of the route that its model's name
 * stands for, else the target it names; then the client's own fallbacks. Throws the GatewayError that says what is wrong
 * with a name.
 */
export const candidatesFor = async (asked: Asked): Promise<Candidates> => candidatesOf(asked, await routeOf(asked));

/** The same where the route is known; null: there is none of that name. */
export function candidatesOf(asked: Asked, route: RouteRecord | null): Candidates {
  const { services, fallbacks, startedAt } = asked;
  const others = fallbacks.map((fallback) => fallbackOf(asked, fallback));
  if (route === null) {
    const target = resolveTarget(asked.requestedModel, services.providers);
    const wanted = eachOnce([candidateOf(target, "model"), ...others]);
    return new Candidates({ route, wanted, mayMoveOn: wanted.length > 1 });
  }
  const found = route.targets.map((target) => ({ target, candidate: routed(asked, target) }));
  const usable = found.flatMap(({ candidate }) => (candidate instanceof GatewayError ? [] : [candidate]));
  const { strategy } = route;
  const conversation = strategy === "weighted" ? conversationOf(asked) : "";
  const wanted = eachOnce([...orderTargets({ strategy, targets: usable, conversation }), ...others]);
  const candidates = new Candidates({ route, wanted, mayMoveOn: true });
  for (const { target, candidate } of found) {
    if (!(candidate instanceof GatewayError)) continue;
    const [provider = "", ...model] = target.model.split("/");
    const passedOver = { provider, model: model.join("/"), credential: target.credential };
    candidates.skip(passedOver, candidate.code, services.now() - startedAt);
  }
  return candidates;
}

/** Two names may be one target's. */
const eachOnce = (candidates: Candidate[]): Candidate[] =>
  candidates.filter(({ key }, at) => candidates.findIndex((one) => one.key === key) === at);

/** What keeps the turns of a conversation together; a request that is none's spreads by its own id. */
const conversationOf = ({ requestId, body, call, caller }: Asked): string =>
  conversationKey(body.body, call.dialect, caller.sessionId) ?? requestId;

/** A target as a candidate of its own. */
export const candidateOf = (target: Target, from: Candidate["from"]): Candidate => ({
  ...{ target, from, weight: 1, key: targetKey(target.provider.id, target.upstreamModel, target.credential) },
});

/** The route of the model's name. Of a name that means nothing else the Ledger is asked; of others it tells when it is. */
async function routeOf({ services, key, from, requestedModel }: Asked): Promise<RouteRecord | null> {
  const { rootId, keyId, mac } = key;
  const named = { rootId, keyId, name: requestedModel };
  const known = services.routes.get(named) ?? null;
  if (known !== null || isTarget(requestedModel, services.providers)) return known;
  const answer = await askLedger(services.ledger(rootId, key.jurisdiction).routes({ rootId, keyId, mac }, from));
  if (!answer.ok) throw denied(answer);
  const route = answer.routes.find(({ name }) => name === requestedModel) ?? null;
  if (route !== null) services.routes.remember(named, route, services.now());
  return route;
}

/** Whether the name means something without a route. */
function isTarget(name: string, settings: Asked["services"]["providers"]): boolean {
  try {
    resolveTarget(name, settings);
    return true;
  } catch {
    return false;
  }
}

function routed({ services, requestedModel }: Asked, target: RouteTarget): Candidate | GatewayError {
  try {
    const { name: _, ...found } = resolveTarget(target.model, services.providers, target.credential);
    return { ...candidateOf({ ...found, name: requestedModel }, "route"), weight: target.weight };
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function fallbackOf({ services, requestedModel }: Asked, { name, param }: Asked["fallbacks"][number]): Candidate {
  try {
    return candidateOf({ ...resolveTarget(name, services.providers), name: requestedModel }, "fallback");
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(error.code, error.message, { param, cause: error });
  }
}
