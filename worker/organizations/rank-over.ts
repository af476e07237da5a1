import type { Database } from "../../drizzle/client.ts";
import { GatewayError } from "../errors.ts";
import { checkRank, type Manager } from "./member-changes.ts";
import { rolesOf } from "./member-roles.ts";
import { noSuchMember } from "./members.ts";

/**
 * That somebody may decide how a member gets in. Whoever does could come in as them, so they must be able to give each role the
 * member has. Throws `not_found`, `permission_denied`.
 */
export async function requireRankOver(database: Database, actor: Manager, userId: string): Promise<void> {
  const held = await rolesOf(database, actor, userId);
  if (!held.some(({ visible }) => visible)) throw noSuchMember();
  for (const { role } of held) checkRank(actor, role);
  if (held.some(({ visible }) => !visible)) {
    throw new GatewayError(
      "permission_denied",
      "This member has a role outside your organizations too. Somebody who manages those can do this.",
    );
  }
}
