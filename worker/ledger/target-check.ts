import { ruleAgainst } from "../canonical/model-access.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest, ModelDenial, Replan } from "./contract.ts";
import { replanOfRoute } from "./routing.ts";

type Copy = Pick<ConfigurationCopy, "route" | "access" | "model">;

/**
 * What stands against a request's target beside its limits: another route holds for the name, an organization does not allow
 * the model, or the tenant knows something else of it than it was planned by. Null: nothing.
 * @param path organization ids from the key's own to the root
 */
export const verdictOfTarget = (
  copy: Copy,
  request: AdmitRequest,
  path: readonly string[],
): Replan | ModelDenial | null =>
  replanOfRoute(copy, request, path) ?? verdictOfAccess(copy, request, path) ?? replanOfFacts(copy, request);

/**
 * Organizations allow models as they are sent upstream, whatever name leads there. What the client names itself is refused;
 * what a route, or the cheaper model of a limit, leads to is passed over.
 */
function verdictOfAccess(copy: Copy, request: AdmitRequest, path: readonly string[]): Replan | ModelDenial | null {
  const rules = copy.access(path);
  if (rules.length === 0) return null;
  const { draft, named, substituted } = request;
  const routed = copy.route(path, draft.requestedModel) !== null;
  const meant = routed ? named.slice(1) : named;
  for (const { meaning, param } of meant) {
    const rule = meaning === null ? null : ruleAgainst(rules, meaning);
    if (rule === null || meaning === null) continue;
    return { ok: false, code: "model_not_enabled", model: meaning, param, organization: rule.name };
  }
  const model = `${draft.provider}/${draft.upstreamModel}`;
  const rule = ruleAgainst(rules, model);
  if (rule === null) return null;
  if (routed && !substituted) return { ok: false, code: "use_access", access: rules };
  return { ok: false, code: "model_not_enabled", model, param: "model", organization: rule.name };
}

function replanOfFacts(copy: Copy, { draft, facts }: AdmitRequest): Replan | null {
  const model = `${draft.provider}/${draft.upstreamModel}`;
  const record = copy.model(model);
  if (record?.id === facts?.id && record?.version === facts?.version) return null;
  return { ok: false, code: "use_facts", model, record };
}
