import type { MovePreview } from "../../organizations/move-organization.ts";
import type { OrganizationRow } from "../../organizations/records.ts";
import type { Standing } from "../../organizations/standing.ts";
import { limitBody } from "./limit-terms.ts";
import { effectiveBody } from "./organization-settings.ts";
import { ownPriceBody } from "./prices.ts";
import { routeBody } from "./route-body.ts";

/** Limits, routes and prices as the API shows them; `organization_id` of each is where it comes from. */
export const standingBody = ({ limits, routes, prices }: Standing) => ({
  limits: limits.map(limitBody),
  routes: routes.map(routeBody),
  prices: prices.map(ownPriceBody),
});

/** The nearest organization of a path that is archived; null: none is, and it may spend. */
export const archivedBy = (path: readonly Pick<OrganizationRow, "id" | "archivedAt">[]): string | null =>
  path.find(({ archivedAt }) => archivedAt !== null)?.id ?? null;

/** The settings that two paths give another value, or the same from elsewhere. */
function changedSettings(before: readonly OrganizationRow[], after: readonly OrganizationRow[]) {
  const [old, fresh] = [effectiveBody(before), effectiveBody(after)];
  const names = Object.keys(old) as (keyof typeof old)[];
  return names
    .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]))
    .map((setting) => ({ setting, before: old[setting], after: fresh[setting] }));
}

/** What a move changes. What the branch itself sets, or something in it, stands as it was. */
export const previewBody = ({ organizations, keys, ...moved }: MovePreview) => ({
  organizations,
  keys,
  ...changesBody(moved),
});

/** What another place in the tree changes for whatever moves there. */
export function changesBody({
  before,
  after,
  gained,
  lost,
}: Pick<MovePreview, "before" | "after" | "gained" | "lost">) {
  const [fresh, old] = [standingBody(gained), standingBody(lost)];
  return {
    archived_by: { before: archivedBy(before), after: archivedBy(after) },
    settings: changedSettings(before, after),
    limits: { gained: fresh.limits, lost: old.limits },
    routes: { gained: fresh.routes, lost: old.routes },
    prices: { gained: fresh.prices, lost: old.prices },
  };
}
