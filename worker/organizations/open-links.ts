import { and, eq, isNull, or, type SQL } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { invites, passwordResets } from "../../drizzle/schema/index.ts";
import { inBranch } from "./tree.ts";

/**
 * Statements by which the links that somebody made end, as they have less to give than when they made them: their open
 * invitations to these organizations and those below, and all their links for other people's new passwords.
 * @param onlyIf must hold too
 */
export function endLinksOf(
  database: Database,
  { rootId, userId, now }: { rootId: string; userId: string; now: number },
  organizationIds: readonly string[] | "all",
  onlyIf?: SQL,
) {
  const places =
    organizationIds === "all"
      ? undefined
      : or(...organizationIds.map((id) => inBranch(invites.organizationId, rootId, id) ?? eq(invites.rootId, rootId)));
  return [
    database
      .update(invites)
      .set({ revokedAt: new Date(now) })
      .where(
        and(
          eq(invites.rootId, rootId),
          eq(invites.createdBy, userId),
          isNull(invites.acceptedAt),
          isNull(invites.revokedAt),
          places,
          onlyIf,
        ),
      ),
    database
      .delete(passwordResets)
      .where(and(eq(passwordResets.rootId, rootId), eq(passwordResets.createdBy, userId), onlyIf)),
  ];
}
