import type { MiddlewareHandler } from "hono";
import type { Permission } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { AdminEnv } from "../admin/context.ts";

/** Lets only callers with a permission through; others get `permission_denied`. Runs after `authenticateAdmin`. */
export function requirePermission(permission: Permission): MiddlewareHandler<AdminEnv> {
  return async function requirePermission(context, next) {
    if (!context.get("caller").permissions.includes(permission)) {
      throw new GatewayError("permission_denied", `This needs the permission '${permission}'.`);
    }
    await next();
  };
}
