import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { passkeys, recoveryCodes, sessions, totpSecrets, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Account } from "./accounts.ts";
import type { Actor } from "./actor.ts";
import { type Act, commitAct } from "./change.ts";
import type { MemberAct } from "./member-changes.ts";
import { requireRankOver } from "./rank-over.ts";

/** Whose second factors, and who changes them. */
export interface OwnAct {
  database: Database;
  account: Account;
  /** How the request came. */
  origin: Actor["origin"];
  now: number;
}

export interface Passkey {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export interface SecondFactors {
  /** False: they sign in elsewhere only, where second factors are. */
  hasPassword: boolean;
  /** When the authenticator app was confirmed; null: there is none. */
  totpSince: Date | null;
  /** How many recovery codes are left. */
  recoveryCodes: number;
  /** The first made first. */
  passkeys: (Passkey & { credentialId: string; transports: string[] })[];
}

export const ofAccount = (
  table: typeof passkeys | typeof totpSecrets | typeof recoveryCodes,
  { rootId, userId }: Pick<Account, "rootId" | "userId">,
): SQL | undefined => and(eq(table.rootId, rootId), eq(table.userId, userId));

/** What second factors somebody has. */
export async function getSecondFactors(database: Database, account: Account): Promise<SecondFactors> {
  const { rootId, userId } = account;
  const [[user], [totp], [codes], own] = await forRoot(database, rootId).batch([
    database
      .select({ hasPassword: sql<boolean>`${users.passwordHash} is not null` })
      .from(users)
      .where(and(eq(users.rootId, rootId), eq(users.id, userId))),
    database.select({ since: totpSecrets.createdAt }).from(totpSecrets).where(ofAccount(totpSecrets, account)),
    database
      .select({ left: sql`count(*)`.mapWith(Number) })
      .from(recoveryCodes)
      .where(ofAccount(recoveryCodes, account)),
    database.select().from(passkeys).where(ofAccount(passkeys, account)).orderBy(passkeys.createdAt, passkeys.id),
  ]);
  return {
    ...{ hasPassword: user?.hasPassword ?? false, totpSince: totp?.since ?? null },
    ...{ recoveryCodes: codes?.left ?? 0, passkeys: own },
  };
}

/** One row of the audit log about somebody's own account. */
export const ownAudit = (
  { account: { rootId, userId, claim }, origin }: Pick<OwnAct, "account" | "origin">,
  action: string,
  change: Pick<Act["audit"], "before" | "after"> & { target?: string },
): Act["audit"] => ({
  ...{ actor: { id: userId, origin, claim }, action, target: change.target ?? userId, organizationId: rootId },
  ...{ before: change.before, after: change.after },
});

const exists = (
  database: Database,
  table: typeof passkeys | typeof totpSecrets | typeof recoveryCodes,
  account: Account,
): SQL => sql`exists ${database.select({ one: sql`1` }).from(table).where(ofAccount(table, account))}`;

/** The statement that gives an account these recovery codes in place of all it has; none where it keeps what it has. */
export const withCodes = (database: Database, account: Account, macs: readonly string[] | null, now: number) =>
  macs === null
    ? []
    : [
        database.delete(recoveryCodes).where(ofAccount(recoveryCodes, account)),
        database.insert(recoveryCodes).values(
          macs.map((mac) => ({
            ...{ mac, rootId: account.rootId, userId: account.userId, createdAt: new Date(now) },
          })),
        ),
      ];

/** The statement that takes recovery codes away with the last second factor. */
export const withoutFactors = (database: Database, account: Account) =>
  database
    .delete(recoveryCodes)
    .where(
      and(
        ofAccount(recoveryCodes, account),
        sql`not ${exists(database, passkeys, account)}`,
        sql`not ${exists(database, totpSecrets, account)}`,
      ),
    );

/**
 * Stores an authenticator app's secret, of which a code was right, and the recovery codes that come with a first second factor.
 * False when the account has one already.
 */
export function enrolTotp(
  act: OwnAct,
  { sealedSecret, step, macs }: { sealedSecret: string; step: number; macs: readonly string[] | null },
): Promise<boolean> {
  const { database, account, now } = act;
  const { rootId, userId } = account;
  return commitAct(database, {
    ...{ rootId, now, onlyIf: sql`not ${exists(database, totpSecrets, account)}` },
    statements: [
      database.insert(totpSecrets).values({ rootId, userId, sealedSecret, lastStep: step, createdAt: new Date(now) }),
      ...withCodes(database, account, macs, now),
    ],
    audit: ownAudit(act, "totp.create", { before: null, after: { recovery_codes: macs?.length ?? 0 } }),
  });
}

/** Takes somebody's authenticator app away; false when there is none. */
export function removeTotp(act: OwnAct): Promise<boolean> {
  const { database, account, now } = act;
  return commitAct(database, {
    ...{ rootId: account.rootId, now, onlyIf: exists(database, totpSecrets, account) },
    statements: [
      database.delete(totpSecrets).where(ofAccount(totpSecrets, account)),
      withoutFactors(database, account),
    ],
    audit: ownAudit(act, "totp.delete", { before: null, after: null }),
  });
}

/** Gives somebody new recovery codes in place of all they have; false where they have no second factor to recover. */
export function replaceRecoveryCodes(act: OwnAct, macs: readonly string[]): Promise<boolean> {
  const { database, account, now } = act;
  return commitAct(database, {
    ...{ rootId: account.rootId, now },
    onlyIf: sql`(${exists(database, totpSecrets, account)} or ${exists(database, passkeys, account)})`,
    statements: withCodes(database, account, macs, now),
    audit: ownAudit(act, "recovery_codes.create", { before: null, after: { recovery_codes: macs.length } }),
  });
}

/** Takes the one of these recovery codes that there is away; false when there is none. */
export function useRecoveryCode(act: OwnAct, macs: readonly string[]): Promise<boolean> {
  const { database, account, now } = act;
  const those = and(ofAccount(recoveryCodes, account), inArray(recoveryCodes.mac, [...macs]));
  return commitAct(database, {
    ...{ rootId: account.rootId, now },
    onlyIf: sql`exists ${database.select({ mac: recoveryCodes.mac }).from(recoveryCodes).where(those)}`,
    statements: [database.delete(recoveryCodes).where(those)],
    audit: ownAudit(act, "recovery_code.use", { before: null, after: null }),
  });
}

/**
 * Takes all second factors of a member away, and ends their sessions: they sign in by their password alone, until they have
 * others. The actor must be able to give each of their roles. Throws `not_found`, `permission_denied`, `conflict` for one's own
 * and where there is none.
 */
export async function resetSecondFactors({ database, actor, now, userId }: MemberAct): Promise<void> {
  if (userId === actor.id) {
    throw new GatewayError("conflict", "These are your own. Change them in your account.");
  }
  await requireRankOver(database, actor, userId);
  const account = { rootId: actor.rootId, userId };
  const had = await getSecondFactors(database, account);
  const made = await commitAct(database, {
    ...{ rootId: actor.rootId, now },
    onlyIf: sql`(${exists(database, totpSecrets, account)} or ${exists(database, passkeys, account)})`,
    statements: [
      ...[totpSecrets, passkeys, recoveryCodes].map((table) => database.delete(table).where(ofAccount(table, account))),
      database
        .update(sessions)
        .set({ revokedAt: new Date(now) })
        .where(and(eq(sessions.rootId, actor.rootId), eq(sessions.userId, userId), sql`${sessions.revokedAt} is null`)),
    ],
    audit: {
      ...{ actor, action: "member.reset_second_factors", target: userId, organizationId: actor.organizationId },
      before: { totp: had.totpSince !== null, passkeys: had.passkeys.length, recovery_codes: had.recoveryCodes },
      after: null,
    },
  });
  if (!made) throw new GatewayError("conflict", "This member has no second factor.");
}
