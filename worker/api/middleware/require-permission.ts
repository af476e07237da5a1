import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { GatewayError } from "../../errors.ts";
import type { AdminContext, AdminEnv } from "../admin/context.ts";
import { type AdminPermission, ROUTE_PERMISSIONS } from "../admin/permissions.ts";

/** The permission that a request's route needs: undefined where nobody has it, null for a URL of no route. */
export function neededPermission(context: AdminContext): AdminPermission | undefined | null {
  // The routes of the request in the order of their registration: the first that is no middleware will answer.
  const route = matchedRoutes(context).find(({ method }) => method !== "ALL");
  return route === undefined ? null : ROUTE_PERMISSIONS[`${route.method} ${route.path}`];
}

/**
 * Lets a caller through to a route that it has the permission for; others get `permission_denied`, and so does everybody
 * for a route without a row in `ROUTE_PERMISSIONS`. A URL of no route goes on, to be told so. Runs after
 * `authenticateAdmin`.
 */
export const requirePermission: MiddlewareHandler<AdminEnv> = async function requirePermission(context, next) {
  const needed = neededPermission(context);
  if (needed !== null && (needed === undefined || !context.get("caller").can.has(needed))) {
    const what = needed === undefined ? "This is open to nobody." : `This needs the permission '${needed}'.`;
    throw new GatewayError("permission_denied", what);
  }
  await next();
};
