import { and, eq, getTableColumns, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { invites, memberships, users } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import { isAtLeast, ROLES, type Role } from "../canonical/role.ts";
import { GatewayError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { byInstant, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import { commitAct } from "./change.ts";
import { checkRank, type Manager } from "./member-changes.ts";
import { holdsText } from "./search.ts";
import { inBranch, isThere, noSuchOrganization, pathWithin } from "./tree.ts";

const UNIQUE_VIOLATION = "23505";

/** Milliseconds for which an invitation stands. */
const INVITE_MS = 7 * 24 * 3_600_000;

export type InviteRow = typeof invites.$inferSelect;

const openAt = (rootId: string, now: number) =>
  and(
    eq(invites.rootId, rootId),
    isNull(invites.acceptedAt),
    isNull(invites.revokedAt),
    gt(invites.expiresAt, new Date(now)),
    isThere(rootId, invites.organizationId),
  );

/**
 * Invites people to one of the actor's organizations, its own when none is named, each by a link of their own; an open
 * invitation of the same person there ends. Answers a row for each person, null for one who has a role there already.
 * Throws `not_found` for the organization, `permission_denied` for a role above the actor's own.
 */
export async function createInvites({
  database,
  actor,
  now,
  organizationId: named,
  role,
  people,
}: {
  database: Database;
  actor: Manager;
  now: number;
  organizationId: string | undefined;
  role: Role;
  /** Each once. `mac`: of the link. */
  people: readonly { id: string; email: string; mac: string }[];
}): Promise<(InviteRow | null)[]> {
  const { rootId } = actor;
  const organizationId = named ?? actor.organizationId;
  checkRank(actor, role, "role");
  await pathWithin(database, actor, organizationId);
  if (people.length === 0) return [];
  const emails = people.map(({ email }) => email);
  const [members] = await forRoot(database, rootId).batch([
    database
      .select({ email: users.email })
      .from(users)
      .innerJoin(memberships, and(eq(memberships.rootId, rootId), eq(memberships.userId, users.id)))
      .where(
        and(eq(users.rootId, rootId), inArray(users.email, emails), eq(memberships.organizationId, organizationId)),
      ),
  ]);
  const known = new Set(members.map(({ email }) => email));
  const common = { rootId, organizationId, role, createdBy: actor.id, createdAt: new Date(now) };
  const rows = people.map(({ id, email, mac }): InviteRow | null =>
    known.has(email)
      ? null
      : {
          ...{ ...common, id, email, mac, expiresAt: new Date(now + INVITE_MS) },
          ...{ acceptedAt: null, acceptedBy: null, revokedAt: null },
        },
  );
  const made = rows.filter((row) => row !== null);
  if (made.length === 0) return rows;
  const replaced = and(
    openAt(rootId, now),
    eq(invites.organizationId, organizationId),
    // One to a role above the actor's own is not theirs to end.
    inArray(
      invites.role,
      ROLES.filter((one) => isAtLeast(actor.role, one)),
    ),
    inArray(
      invites.email,
      made.map(({ email }) => email),
    ),
  );
  const stored = await commitAct(database, {
    rootId,
    now,
    // It may be deleted meanwhile.
    onlyIf: isThere(rootId, organizationId),
    statements: [
      database
        .update(invites)
        .set({ revokedAt: new Date(now) })
        .where(replaced),
      database.insert(invites).values(made),
    ],
    audit: {
      actor,
      action: "invite.create",
      target: organizationId,
      organizationId,
      before: null,
      after: { role, invites: Object.fromEntries(made.map(({ id, email }) => [id, email])) },
    },
  });
  if (!stored) throw noSuchOrganization();
  return rows;
}

const withinReach = ({ rootId, organizationId }: Actor) =>
  and(eq(invites.rootId, rootId), inBranch(invites.organizationId, rootId, organizationId));

export const INVITE_SORTS = ["created_at", "expires_at", "email"] as const;

const ORDERS = {
  created_at: byInstant(invites.createdAt),
  expires_at: byInstant(invites.expiresAt),
  email: byText(invites.email),
};

/** Invitations to the actor's organizations; to one branch when it is named (`not_found`). */
export async function listInvites(
  database: Database,
  actor: Actor,
  page: PageRequest<(typeof INVITE_SORTS)[number]> & { organizationId?: string | undefined; q?: string | undefined },
): Promise<Page<InviteRow>> {
  const { organizationId = actor.organizationId } = page;
  if (page.organizationId !== undefined) await pathWithin(database, actor, page.organizationId);
  const found = page.q === undefined ? undefined : holdsText([invites.email], page.q);
  const { place, order, after } = pageOf(ORDERS, invites.id, page);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({ ...getTableColumns(invites), place })
      .from(invites)
      .where(and(withinReach({ ...actor, organizationId }), found, after))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}

/**
 * Ends an invitation; ending one that has ended changes nothing. Throws `not_found`, `conflict` when it was accepted,
 * `permission_denied` for one to a role above the actor's own.
 */
export async function revokeInvite({
  database,
  actor,
  now,
  id,
}: {
  database: Database;
  actor: Manager;
  now: number;
  id: string;
}): Promise<InviteRow> {
  const { rootId } = actor;
  const row = and(withinReach(actor), eq(invites.id, id));
  const [[found]] = await forRoot(database, rootId).batch([database.select().from(invites).where(row)]);
  if (!found) throw new GatewayError("not_found", "There is no such invitation, or it is not yours to see.");
  checkRank(actor, found.role);
  if (found.revokedAt) return found;
  const unanswered = and(row, isNull(invites.acceptedAt), isNull(invites.revokedAt));
  const revokedAt = new Date(now);
  const made = await commitAct(database, {
    rootId,
    now,
    onlyIf: sql`exists ${database.select({ id: invites.id }).from(invites).where(unanswered)}`,
    statements: [database.update(invites).set({ revokedAt }).where(unanswered)],
    audit: {
      actor,
      action: "invite.revoke",
      target: id,
      organizationId: found.organizationId,
      before: { email: found.email },
      after: null,
    },
  });
  if (!made) throw new GatewayError("conflict", "This invitation has been accepted. Remove the member instead.");
  return { ...found, revokedAt };
}

/** An open invitation by its link's MAC, and who has its e-mail address in this tenant; null when there is none (any more). */
export async function findInvite(database: Database, rootId: string, mac: string, now: number) {
  const [[found]] = await forRoot(database, rootId).batch([
    database
      .select({ invite: invites, user: { id: users.id, name: users.name, passwordHash: users.passwordHash } })
      .from(invites)
      .leftJoin(users, and(eq(users.rootId, rootId), eq(users.email, invites.email)))
      .where(and(openAt(rootId, now), eq(invites.mac, mac))),
  ]);
  return found ?? null;
}

/**
 * Accepts an invitation, once: makes its user where `newUser` is given, and gives them the role. False when it does not stand
 * any more. Throws `conflict` when the e-mail address has an account elsewhere.
 */
export async function acceptInvite({
  database,
  now,
  invite,
  userId,
  newUser,
}: {
  database: Database;
  now: number;
  invite: InviteRow;
  userId: string;
  newUser: { name: string; passwordHash: string } | null;
}): Promise<boolean> {
  const { id, rootId, organizationId, email, role } = invite;
  const stands = and(openAt(rootId, now), eq(invites.id, id));
  const at = new Date(now);
  const user = newUser && { ...newUser, id: userId, rootId, email, createdAt: at };
  try {
    return await commitAct(database, {
      rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: invites.id }).from(invites).where(stands)}`,
      statements: [
        database.update(invites).set({ acceptedAt: at, acceptedBy: userId }).where(stands),
        ...(user ? [database.insert(users).values(user)] : []),
        // Somebody who was given a role there meanwhile keeps it.
        database.insert(memberships).values({ userId, organizationId, rootId, role }).onConflictDoNothing(),
      ],
      audit: {
        actor: { id: userId },
        action: "invite.accept",
        target: id,
        organizationId,
        before: null,
        after: { user_id: userId, new_user: user !== null, organization_id: organizationId, role },
      },
    });
  } catch (error) {
    if (sqlstateOf(error) !== UNIQUE_VIOLATION) throw error;
    throw new GatewayError("conflict", "This e-mail address has an account already. Ask for an invitation of another.");
  }
}
