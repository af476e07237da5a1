import { and, eq, inArray, isNull, notInArray, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { memberships, organizations, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { isAtLeast, type Role } from "../canonical/role.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { commitAct } from "./change.ts";
import { ifNothingIsLeft } from "./member-changes.ts";
import { endLinksOf } from "./open-links.ts";

const UNIQUE_VIOLATION = "23505";

export interface ManagedMember {
  rootId: string;
  /** A new user's id is not taken yet. */
  userId: string;
  isNew: boolean;
  email: string;
  name: string | null;
  issuer: string;
  subject: string;
  /** What the claims give, by organization. */
  roles: ReadonlyMap<string, Role>;
}

/**
 * Makes somebody's roles what an identity provider's claims give, and makes the user where there is none: roles by earlier
 * claims that are not among them go, those that people gave stay. Answers whether any role is left; null when somebody else
 * was faster. An organization that there is not gives nothing.
 */
export async function syncManagedMember(
  database: Database,
  now: number,
  { rootId, userId, isNew, email, name, issuer, subject, roles }: ManagedMember,
): Promise<boolean | null> {
  const own = and(eq(memberships.rootId, rootId), eq(memberships.userId, userId));
  const ids = [...roles.keys()];
  const [there, held, [user]] = await forRoot(database, rootId).batch([
    database
      .select({ id: organizations.id })
      .from(organizations)
      .where(and(eq(organizations.rootId, rootId), inArray(organizations.id, ids), isNull(organizations.removedAt))),
    database.select().from(memberships).where(own),
    database
      .select({ identities: users.identities })
      .from(users)
      .where(and(eq(users.rootId, rootId), eq(users.id, userId))),
  ]);
  const given = there.flatMap(({ id }) => {
    const role = roles.get(id);
    return role && held.every((one) => one.managed || one.organizationId !== id) ? [{ organizationId: id, role }] : [];
  });
  const managed = held.filter((one) => one.managed);
  const left = given.length > 0 || managed.length < held.length;
  // Somebody whom the claims give nothing is not made a user at all.
  if (isNew && !left) return false;
  const rolesOf = (rows: readonly { organizationId: string; role: Role }[]) =>
    Object.fromEntries(rows.map(({ organizationId, role }) => [organizationId, role] as const).sort());
  const [before, after] = [rolesOf(managed), rolesOf(given)];
  const known = user?.identities[issuer] === subject;
  if (known && JSON.stringify(before) === JSON.stringify(after)) return left;

  const less = managed.flatMap(({ organizationId, role }) => {
    const now = given.find((one) => one.organizationId === organizationId);
    return now && isAtLeast(now.role, role) ? [] : [organizationId];
  });
  const kept = given.map(({ organizationId }) => organizationId);
  const identities = { [issuer]: subject };
  const values = given.map((one) => ({ ...one, userId, rootId, managed: true }));
  const account = { id: userId, rootId, email, name: name ?? email, identities, createdAt: new Date(now) };
  try {
    await commitAct(database, {
      rootId,
      now,
      statements: [
        isNew
          ? database.insert(users).values(account)
          : database
              .update(users)
              .set({ identities: sql`${users.identities} || ${JSON.stringify(identities)}::jsonb` })
              .where(and(eq(users.rootId, rootId), eq(users.id, userId))),
        database
          .delete(memberships)
          .where(and(own, eq(memberships.managed, true), notInArray(memberships.organizationId, kept))),
        ...(values.length === 0
          ? []
          : [
              database
                .insert(memberships)
                .values(values)
                .onConflictDoUpdate({
                  target: [memberships.userId, memberships.organizationId],
                  set: { role: sql`excluded.role` },
                  setWhere: eq(memberships.managed, true),
                }),
            ]),
        ...(less.length === 0 ? [] : endLinksOf(database, { rootId, userId, now }, less)),
        ...ifNothingIsLeft(database, rootId, userId, now),
      ],
      audit: {
        actor: { id: userId },
        action: isNew ? "user.create" : "user.sign_on",
        target: userId,
        organizationId: rootId,
        before: isNew ? null : { roles: before },
        after: { issuer, roles: after, ...(isNew ? { email } : {}) },
      },
    });
  } catch (error) {
    if (sqlstateOf(error) !== UNIQUE_VIOLATION) throw error;
    return null;
  }
  return left;
}
