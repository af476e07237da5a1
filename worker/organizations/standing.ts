import { and, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { limits, prices, routes } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";
import { nearest } from "./nearest.ts";
import { organizationPath } from "./organizations.ts";
import type { LimitRow, OrganizationRow, PriceBookRow, RouteRow } from "./records.ts";

/** What stands on organizations and has not ended: limits (of keys as well), routes, and the tenant's own prices. */
export interface Standing {
  limits: LimitRow[];
  routes: RouteRow[];
  prices: PriceBookRow[];
}

/** The queries of what stands on some organizations, in the order of `Standing`, for a batch. */
export const standingOn = (database: Database, rootId: string, organizationIds: string[], now: number) =>
  [
    database
      .select()
      .from(limits)
      .where(and(eq(limits.rootId, rootId), inArray(limits.organizationId, organizationIds), isNull(limits.removedAt))),
    database
      .select()
      .from(routes)
      .where(and(eq(routes.rootId, rootId), inArray(routes.organizationId, organizationIds), isNull(routes.removedAt))),
    database
      .select()
      .from(prices)
      .where(
        and(
          eq(prices.rootId, rootId),
          inArray(prices.organizationId, organizationIds),
          isNull(prices.removedAt),
          or(isNull(prices.validUntil), gt(prices.validUntil, new Date(now))),
        ),
      ),
  ] as const;

/**
 * What of it holds at a moment for the first organization of a path (ids, up to the root): every limit of an organization on
 * it, of each route's name and each model's price the nearest. A model without a price here has the catalogue's.
 */
export const inForce = (standing: Standing, path: readonly string[], now: number): Standing => ({
  limits: standing.limits
    .filter(({ organizationId, keyId }) => keyId === null && path.includes(organizationId))
    .sort((a, b) => path.indexOf(a.organizationId) - path.indexOf(b.organizationId) || (a.id < b.id ? -1 : 1)),
  routes: nearest(standing.routes, path, ({ name }) => name),
  prices: nearest(
    standing.prices.filter(
      ({ validFrom, validUntil }) => validFrom.getTime() <= now && (validUntil === null || validUntil.getTime() > now),
    ),
    path,
    ({ model }) => model,
  ),
});

/**
 * What holds for an organization now, and its path up to the root. As with the state of limits (`GET /api/limits/status`), those
 * of organizations above the actor's are not its to see. Throws `not_found`.
 */
export async function standingFor(
  database: Database,
  actor: Actor,
  { id, now }: { id: string; now: number },
): Promise<{ path: [OrganizationRow, ...OrganizationRow[]]; standing: Standing }> {
  const path = await organizationPath(database, actor, id);
  const ids = path.map((row) => row.id);
  const [limitRows, routeRows, priceRows] = await forRoot(database, actor.rootId).batch(
    standingOn(database, actor.rootId, ids, now),
  );
  const visible = ids.slice(0, ids.indexOf(actor.organizationId) + 1);
  const limitsSeen = limitRows.filter(({ organizationId }) => visible.includes(organizationId));
  return { path, standing: inForce({ limits: limitsSeen, routes: routeRows, prices: priceRows }, ids, now) };
}

/** What is in the one and not in the other. */
export function less(one: Standing, other: Standing): Standing {
  const without = <Row extends { id: string }>(rows: Row[], others: Row[]) =>
    rows.filter(({ id }) => !others.some((row) => row.id === id));
  return {
    limits: without(one.limits, other.limits),
    routes: without(one.routes, other.routes),
    prices: without(one.prices, other.prices),
  };
}
