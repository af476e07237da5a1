import { and, eq, gt, isNull } from "drizzle-orm";
import { sessions } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { commitAct } from "./change.ts";
import type { MemberAct } from "./member-changes.ts";
import { requireRankOver } from "./rank-over.ts";

/**
 * Ends a member's sessions, one or all; answers how many lived. A session is good wherever they have a role, so the actor must be
 * able to give each of them. Throws `not_found`, `permission_denied`, `conflict` for one's own.
 */
export async function endMemberSessions({
  database,
  actor,
  now,
  userId,
  sessionId,
}: MemberAct & { sessionId: string | undefined }): Promise<number> {
  const { rootId } = actor;
  if (userId === actor.id) {
    throw new GatewayError("conflict", "These are your own. End them in your account (/api/me/sessions).");
  }
  await requireRankOver(database, actor, userId);
  const those = and(
    ...[eq(sessions.rootId, rootId), eq(sessions.userId, userId)],
    ...[isNull(sessions.revokedAt), gt(sessions.expiresAt, new Date(now))],
    sessionId === undefined ? undefined : eq(sessions.id, sessionId),
  );
  const [found] = await forRoot(database, rootId).batch([
    database.select({ id: sessions.id }).from(sessions).where(those),
  ]);
  if (found.length === 0 && sessionId === undefined) return 0;
  if (found.length === 0) throw new GatewayError("not_found", "There is no such session of theirs, or it has ended.");
  const end = database
    .update(sessions)
    .set({ revokedAt: new Date(now) })
    .where(those);
  await commitAct(database, {
    ...{ rootId, now, statements: [end] },
    audit: {
      ...{ actor, action: "member.end_sessions", target: userId, organizationId: actor.organizationId },
      ...{ before: { sessions: found.map(({ id }) => id) }, after: null },
    },
  });
  return found.length;
}
