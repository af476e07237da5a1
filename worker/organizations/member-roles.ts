import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { memberships } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Role } from "../canonical/role.ts";
import { sha256 } from "../lib/sha256.ts";
import type { Actor } from "./actor.ts";
import { inBranch } from "./tree.ts";

/** A role somebody has on an organization. */
export interface Membership {
  organizationId: string;
  organizationName: string;
  role: Role;
  /** Given by an identity provider's claims. */
  managed: boolean;
}

/** A hash of the roles that somebody is shown to have: equal ones are equal, and any change makes another. */
export async function rolesVersion(
  roles: readonly Pick<Membership, "organizationId" | "role" | "managed">[],
): Promise<string> {
  const parts = roles.map(({ organizationId, role, managed }) => JSON.stringify([organizationId, role, managed]));
  return (await sha256(JSON.stringify(parts.sort()))).slice(0, 16);
}

/** All roles of a user, wherever in the tenant, and whether the actor sees the organization. */
export async function rolesOf(
  database: Database,
  actor: Actor,
  userId: string,
): Promise<(Pick<Membership, "organizationId" | "role" | "managed"> & { visible: boolean })[]> {
  const { rootId } = actor;
  const within = inBranch(memberships.organizationId, rootId, actor.organizationId);
  const [rows] = await forRoot(database, rootId).batch([
    database
      .select({
        organizationId: memberships.organizationId,
        role: memberships.role,
        managed: memberships.managed,
        visible: sql<boolean>`${within ?? sql`true`}`,
      })
      .from(memberships)
      .where(and(eq(memberships.rootId, rootId), eq(memberships.userId, userId))),
  ]);
  return rows;
}
