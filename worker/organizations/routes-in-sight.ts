import { and, desc, eq, inArray, isNull, or } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { routes } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";
import type { RouteRow } from "./records.ts";
import { inBranch, pathWithin } from "./tree.ts";

/** More routes than these are not looked through. */
const MOST = 2_000;

/**
 * Where the routes of a branch lead, of the actor's when none is named, and those that it inherits: the latest changed first.
 * Throws `not_found` for the organization.
 */
export async function routesInSight(
  database: Database,
  actor: Actor,
  organization: string | undefined,
): Promise<Pick<RouteRow, "name" | "targets">[]> {
  const organizationId = organization ?? actor.organizationId;
  const path = await pathWithin(database, actor, organizationId);
  const branch = inBranch(routes.organizationId, actor.rootId, organizationId);
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select({ name: routes.name, targets: routes.targets })
      .from(routes)
      .where(
        and(
          eq(routes.rootId, actor.rootId),
          isNull(routes.removedAt),
          // Of the root's branch, which is everything, there is nothing to ask.
          branch && or(inArray(routes.organizationId, path), branch),
        ),
      )
      .orderBy(desc(routes.updatedAt), routes.id)
      .limit(MOST),
  ]);
  return rows;
}
