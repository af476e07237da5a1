import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest, Replan } from "./contract.ts";

/**
 * The route by which a request must be planned, where it is planned by another version of it, another, or none; null: it is
 * planned by the one in force. What goes to the cheaper model of a limit goes by no route.
 * @param path organization ids from the key's own to the root
 */
export function replanOfRoute(
  copy: Pick<ConfigurationCopy, "route">,
  { draft, route: planned, substituted }: Pick<AdmitRequest, "draft" | "route" | "substituted">,
  path: readonly string[],
): Extract<Replan, { code: "use_route" }> | null {
  if (substituted) return null;
  const route = copy.route(path, draft.requestedModel);
  if (route?.id === planned?.id && route?.version === planned?.version) return null;
  return { ok: false, code: "use_route", route };
}
