import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, passwordResets, sessions } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { isAtLeast, type Role } from "../canonical/role.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { commitAct } from "./change.ts";
import { rolesOf } from "./member-roles.ts";
import { noSuchMember } from "./members.ts";
import { endLinksOf } from "./open-links.ts";
import { inBranch, isThere, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

/** Somebody who manages people: what they give and take never exceeds what they have. */
export interface Manager extends Actor {
  /** At their organization, and so on all below it. */
  role: Role;
}

export interface MemberAct {
  database: Database;
  actor: Manager;
  now: number;
  userId: string;
}

/** A change of somebody's roles. */
interface ChangeRoles extends MemberAct {
  /** Throws when the caller does not want to change these roles, all that the actor sees. */
  check(roles: readonly Held[]): Promise<void>;
}

/** A role above one's own is neither given nor taken. */
export function checkRank(actor: Manager, role: Role, param?: string): void {
  if (isAtLeast(actor.role, role)) return;
  throw new GatewayError(
    "permission_denied",
    `The role '${role}' is above your own. Somebody who has it can do this.`,
    {
      ...(param === undefined ? {} : { param }),
    },
  );
}

type Held = Awaited<ReturnType<typeof rolesOf>>[number];

const ofUser = (rootId: string, userId: string) => and(eq(memberships.rootId, rootId), eq(memberships.userId, userId));

const exists = (database: Database, condition: SQL | undefined): SQL =>
  sql`exists ${database.select({ role: memberships.role }).from(memberships).where(condition)}`;

/** True where a role keeps the tenant from having no owner. One that an identity provider can take back does not count. */
const holdsRoot = (rootId: string, { organizationId, role, managed }: Held): boolean =>
  organizationId === rootId && role === "owner" && !managed;

/** Another owner of the root than this user, and not by claims. */
const anotherOwner = (database: Database, rootId: string, userId: string): SQL =>
  exists(
    database,
    and(
      eq(memberships.rootId, rootId),
      eq(memberships.organizationId, rootId),
      eq(memberships.role, "owner"),
      eq(memberships.managed, false),
      sql`${memberships.userId} <> ${userId}`,
    ),
  );

async function requireAnotherOwner(database: Database, rootId: string, userId: string): Promise<void> {
  const [{ rows }] = await forRoot(database, rootId).batch([
    database.execute<{ found: boolean }>(sql`select ${anotherOwner(database, rootId, userId)} as found`),
  ]);
  if (rows[0]?.found) return;
  throw new GatewayError(
    "last_owner",
    "This is the last owner of the root organization. Make somebody else owner first.",
  );
}

/** That somebody's roles which the actor sees stand as they were read: none is another, and there is no more of them. */
function asRead(
  database: Database,
  { rootId, organizationId: at }: Actor,
  userId: string,
  read: readonly Held[],
): SQL[] {
  const own = and(ofUser(rootId, userId), inBranch(memberships.organizationId, rootId, at));
  const count = database.select({ count: sql`count(*)` }).from(memberships).where(own);
  const each = read.map(({ organizationId, role, managed }) =>
    exists(
      database,
      and(
        own,
        eq(memberships.organizationId, organizationId),
        eq(memberships.role, role),
        eq(memberships.managed, managed),
      ),
    ),
  );
  return [sql`${count} = ${read.length}`, ...each];
}

/**
 * Gives a member of the actor's branch a role on one of its organizations, in place of the one they have there. Throws
 * `not_found` for member and organization, `permission_denied` for a role above the actor's own, `last_owner`, and what
 * `check` throws.
 */
export async function setRole({
  database,
  actor,
  now,
  userId,
  check,
  organizationId,
  role,
}: ChangeRoles & { organizationId: string; role: Role }): Promise<void> {
  const { rootId } = actor;
  await undisturbed(async () => {
    await pathWithin(database, actor, organizationId);
    const held = await rolesOf(database, actor, userId);
    const seen = held.filter(({ visible }) => visible);
    if (seen.length === 0) throw noSuchMember();
    await check(seen);
    checkRank(actor, role, "role");
    const before = held.find((one) => one.organizationId === organizationId);
    if (before) checkRank(actor, before.role);
    const ending = before !== undefined && holdsRoot(rootId, before) && role !== "owner";
    if (ending) await requireAnotherOwner(database, rootId, userId);
    const row = and(ofUser(rootId, userId), eq(memberships.organizationId, organizationId));
    const unchanged = asRead(database, actor, userId, seen);
    const values = { userId, organizationId, rootId, role, managed: false };
    const made = await commitAct(database, {
      rootId,
      now,
      onlyIf: sql.join(
        [isThere(rootId, organizationId), ...unchanged, ...(ending ? [anotherOwner(database, rootId, userId)] : [])],
        sql` and `,
      ),
      statements: [
        before
          ? database.update(memberships).set({ role, managed: false }).where(row)
          : database.insert(memberships).values(values),
        ...(before && !isAtLeast(role, before.role)
          ? endLinksOf(database, { rootId, userId, now }, [organizationId])
          : []),
      ],
      audit: {
        actor,
        action: "member.set_role",
        target: userId,
        organizationId,
        before: before ? { organization_id: organizationId, role: before.role } : null,
        after: { organization_id: organizationId, role },
      },
    });
    return made || null;
  });
}

/** A key somebody made that still works. */
export interface OwnedKey {
  id: string;
  name: string;
  hint: string;
  organizationId: string;
}

/**
 * Takes a member's roles in the actor's branch, or on one organization of it alone. Their open invitations there end, and who
 * has no role left is signed out everywhere. Their keys go on: they are answered, at most 200. Throws `not_found`,
 * `permission_denied` for a role above the actor's own, `last_owner`, and what `check` throws.
 */
export async function removeMember({
  database,
  actor,
  now,
  userId,
  check,
  organizationId,
}: ChangeRoles & { organizationId: string | undefined }): Promise<{ removed: string[]; keys: OwnedKey[] }> {
  const { rootId } = actor;
  return undisturbed(async () => {
    const seen = (await rolesOf(database, actor, userId)).filter(({ visible }) => visible);
    const going = seen.filter((one) => organizationId === undefined || one.organizationId === organizationId);
    if (going.length === 0) throw noSuchMember();
    await check(seen);
    for (const { role } of going) checkRank(actor, role);
    const ending = going.some((one) => holdsRoot(rootId, one));
    if (ending) await requireAnotherOwner(database, rootId, userId);
    const removed = going.map((one) => one.organizationId);
    const conditions = asRead(database, actor, userId, seen);
    const made = await commitAct(database, {
      rootId,
      now,
      onlyIf: sql.join([...conditions, ...(ending ? [anotherOwner(database, rootId, userId)] : [])], sql` and `),
      statements: [
        database.delete(memberships).where(and(ofUser(rootId, userId), inArray(memberships.organizationId, removed))),
        ...endLinksOf(database, { rootId, userId, now }, removed),
        ...ifNothingIsLeft(database, rootId, userId, now),
      ],
      audit: {
        actor,
        action: "member.remove",
        target: userId,
        organizationId: actor.organizationId,
        before: { roles: Object.fromEntries(going.map((one) => [one.organizationId, one.role])) },
        after: null,
      },
    });
    return made ? { removed, keys: await keysOf(database, actor, userId) } : null;
  });
}

/** Statements by which whoever has no role any more has no sessions, no link for a new password, and nobody has one of theirs. */
export function ifNothingIsLeft(database: Database, rootId: string, userId: string, now: number) {
  const none = sql`not ${exists(database, ofUser(rootId, userId))}`;
  return [
    database
      .update(sessions)
      .set({ revokedAt: new Date(now) })
      .where(and(eq(sessions.rootId, rootId), eq(sessions.userId, userId), isNull(sessions.revokedAt), none)),
    database
      .delete(passwordResets)
      .where(and(eq(passwordResets.rootId, rootId), eq(passwordResets.userId, userId), none)),
    ...endLinksOf(database, { rootId, userId, now }, "all", none),
  ];
}

async function keysOf(database: Database, actor: Actor, userId: string): Promise<OwnedKey[]> {
  const { rootId } = actor;
  const { id, name, hint, organizationId } = apiKeys;
  const [rows] = await forRoot(database, rootId).batch([
    database
      .select({ id, name, hint, organizationId })
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.rootId, rootId),
          eq(apiKeys.createdBy, userId),
          // The one behind a playground is nothing without its member.
          eq(apiKeys.kind, "api"),
          isNull(apiKeys.revokedAt),
          inBranch(apiKeys.organizationId, rootId, actor.organizationId),
        ),
      )
      .orderBy(id)
      .limit(200),
  ]);
  return rows;
}
