import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import type { Claim } from "../../drizzle/idempotency-claim.ts";
import { passwordResets, sessions, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { commitAct } from "./change.ts";
import type { MemberAct } from "./member-changes.ts";
import { noSuchMember } from "./members.ts";
import { requireRankOver } from "./rank-over.ts";
import { undisturbed } from "./undisturbed.ts";

/** Milliseconds for which a link for a new password stands. */
const RESET_MS = 24 * 3_600_000;

/** Whose account it is. */
export interface Account {
  rootId: string;
  userId: string;
  /** Of the request that changes it (`Actor`). */
  claim?: Claim | undefined;
}

export interface Profile {
  email: string;
  name: string;
  locale: string | null;
  timeZone: string | null;
  /** False: they sign in elsewhere only. */
  hasPassword: boolean;
  createdAt: Date;
  /** Counts the changes of name, locale and time zone. */
  version: number;
}

const row = ({ rootId, userId }: Account) => and(eq(users.rootId, rootId), eq(users.id, userId));

const profileColumns = {
  email: users.email,
  name: users.name,
  locale: users.locale,
  timeZone: users.timeZone,
  hasPassword: sql<boolean>`${users.passwordHash} is not null`,
  createdAt: users.createdAt,
  version: users.version,
};

export async function getProfile(database: Database, account: Account): Promise<Profile> {
  const [[found]] = await forRoot(database, account.rootId).batch([
    database.select(profileColumns).from(users).where(row(account)),
  ]);
  if (!found) throw noSuchMember();
  return found;
}

/** Changes what somebody says of themselves; what is not named stays. Throws what `check` throws. */
export async function changeProfile({
  database,
  account,
  now,
  check,
  input,
}: {
  database: Database;
  account: Account;
  now: number;
  /** Throws when the caller does not want to change this version. */
  check(version: number): void;
  input: Partial<Pick<Profile, "name" | "locale" | "timeZone">>;
}): Promise<Profile> {
  const { rootId, userId, claim } = account;
  const audited = ({ name, locale, timeZone }: Profile) => ({ name, locale, time_zone: timeZone });
  return undisturbed(async () => {
    const before = await getProfile(database, account);
    check(before.version);
    const after = { ...before, ...input, version: before.version + 1 };
    const unchanged = and(row(account), eq(users.version, before.version));
    const made = await commitAct(database, {
      rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: users.id }).from(users).where(unchanged)}`,
      statements: [
        database
          .update(users)
          .set({ ...input, version: after.version })
          .where(row(account)),
      ],
      audit: {
        actor: { id: userId, claim },
        action: "user.update",
        target: userId,
        organizationId: rootId,
        before: audited(before),
        after: audited(after),
      },
    });
    return made ? after : null;
  });
}

/** The statements that give somebody another password, which ends their sessions and open links. */
const newPassword = (database: Database, account: Account, passwordHash: string, now: number) => [
  database.update(users).set({ passwordHash }).where(row(account)),
  database
    .update(sessions)
    .set({ revokedAt: new Date(now) })
    .where(and(eq(sessions.rootId, account.rootId), eq(sessions.userId, account.userId), isNull(sessions.revokedAt))),
  database
    .delete(passwordResets)
    .where(and(eq(passwordResets.rootId, account.rootId), eq(passwordResets.userId, account.userId))),
];

/** What is stored of somebody's password; null when they have none. */
export async function passwordHashOf(database: Database, account: Account): Promise<string | null> {
  const [[found]] = await forRoot(database, account.rootId).batch([
    database.select({ hash: users.passwordHash }).from(users).where(row(account)),
  ]);
  return found?.hash ?? null;
}

/** Replaces a password that was found right; false when it has been replaced meanwhile. Ends all sessions. */
export function changePassword(
  database: Database,
  account: Account,
  now: number,
  { before, after }: { before: string; after: string },
): Promise<boolean> {
  const unchanged = and(row(account), eq(users.passwordHash, before));
  return commitAct(database, {
    rootId: account.rootId,
    now,
    onlyIf: sql`exists ${database.select({ id: users.id }).from(users).where(unchanged)}`,
    statements: newPassword(database, account, after, now),
    audit: {
      actor: { id: account.userId, claim: account.claim },
      action: "user.password",
      target: account.userId,
      organizationId: account.rootId,
      before: null,
      after: null,
    },
  });
}

/**
 * Stores a one-time link that gives a member another password; it takes the place of an earlier one. Whoever gets it gets
 * all that the member may do, so the actor must be able to give each of their roles. Throws `not_found`,
 * `permission_denied`, `conflict` for somebody who signs in elsewhere only.
 */
export async function createReset({
  database,
  actor,
  now,
  userId,
  mac,
}: MemberAct & { mac: string }): Promise<{ expiresAt: Date }> {
  const { rootId } = actor;
  const account = { rootId, userId };
  await requireRankOver(database, actor, userId);
  if ((await passwordHashOf(database, account)) === null) {
    throw new GatewayError("conflict", "This member has no password: they sign in at your identity provider.");
  }
  const expiresAt = new Date(now + RESET_MS);
  await commitAct(database, {
    rootId,
    now,
    statements: [
      database.delete(passwordResets).where(and(eq(passwordResets.rootId, rootId), eq(passwordResets.userId, userId))),
      database
        .insert(passwordResets)
        .values({ mac, rootId, userId, createdBy: actor.id, createdAt: new Date(now), expiresAt }),
    ],
    audit: {
      actor,
      action: "member.reset_password",
      target: userId,
      organizationId: actor.organizationId,
      before: null,
      after: null,
    },
  });
  return { expiresAt };
}

/** Gives a password by a link, once, and ends all sessions. False when the link does not stand (any more). */
export async function redeemReset(
  database: Database,
  { rootId, mac, now, passwordHash }: { rootId: string; mac: string; now: number; passwordHash: string },
): Promise<boolean> {
  const userId = await userOfReset(database, { rootId, mac, now });
  if (userId === null) return false;
  return commitAct(database, {
    rootId,
    now,
    onlyIf: sql`exists ${database
      .select({ mac: passwordResets.mac })
      .from(passwordResets)
      .where(stands(rootId, mac, now))}`,
    statements: newPassword(database, { rootId, userId }, passwordHash, now),
    audit: {
      actor: { id: userId },
      action: "user.password_reset",
      target: userId,
      organizationId: rootId,
      before: null,
      after: null,
    },
  });
}

const stands = (rootId: string, mac: string, now: number) =>
  and(eq(passwordResets.rootId, rootId), eq(passwordResets.mac, mac), gt(passwordResets.expiresAt, new Date(now)));

/** Whose password a link may change; null when it does not stand. */
export async function userOfReset(
  database: Database,
  { rootId, mac, now }: { rootId: string; mac: string; now: number },
): Promise<string | null> {
  const [[found]] = await forRoot(database, rootId).batch([
    database
      .select({ userId: passwordResets.userId })
      .from(passwordResets)
      .where(stands(rootId, mac, now)),
  ]);
  return found?.userId ?? null;
}
