/** The second step of a sign-in: whose password was right shows a code, or a passkey, before a session is opened. */
import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { passkeys, recoveryCodes, totpSecrets, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { type SealedPlace, unseal } from "../lib/seal.ts";
import { sha256 } from "../lib/sha256.ts";
import { keepStep, readStep } from "./kept-step.ts";
import { recoveryCodeMacs } from "./recovery-codes.ts";
import { openSession } from "./session.ts";
import type { SignInContext } from "./sign-in.ts";
import { totpStep } from "./totp.ts";

/** How somebody may go on after their password. */
export type SecondFactor = "totp" | "passkey" | "recovery_code";

/** A sign-in of which the password was right. */
export interface Halfway {
  /** What the browser keeps. */
  kept: string;
  factors: SecondFactor[];
}

interface Whose {
  id: string;
  rootId: string;
}

/** Where somebody's secret is sealed. */
export const totpPlace = ({ rootId, userId }: { rootId: string; userId: string }): SealedPlace => ({
  ...{ purpose: "totp secret", rootId, id: userId },
});

/** What second factors somebody has; none: the password is enough. */
export async function factorsOf(database: Database, { id, rootId }: Whose): Promise<SecondFactor[]> {
  const own = (table: typeof passkeys | typeof totpSecrets | typeof recoveryCodes) =>
    sql<boolean>`exists (select from ${table} where ${and(eq(table.rootId, rootId), eq(table.userId, id))})`;
  const [[has]] = await forRoot(database, rootId).batch([
    database
      .select({ totp: own(totpSecrets), passkey: own(passkeys), recovery: own(recoveryCodes) })
      .from(users)
      .where(and(eq(users.rootId, rootId), eq(users.id, id))),
  ]);
  if (!has?.totp && !has?.passkey) return [];
  return [
    ...(has.totp ? (["totp"] as const) : []),
    ...(has.passkey ? (["passkey"] as const) : []),
    ...(has.recovery ? (["recovery_code"] as const) : []),
  ];
}

/** A password that is changed meanwhile leaves nothing of a sign-in that another one began. */
const bindingOf = async (passwordHash: string | null): Promise<string> =>
  (await sha256(passwordHash ?? "")).slice(0, 32);

/** Keeps a sign-in for its second step. `passwordHash`: what the password was found right by, as it is stored now. */
export const keepHalfway = async (
  { sessionSecret, now }: Pick<SignInContext, "sessionSecret" | "now">,
  { id, rootId }: Whose,
  passwordHash: string,
): Promise<string> =>
  keepStep("second-factor", { user: id, root: rootId, password: await bindingOf(passwordHash) }, sessionSecret, now);

const notValid = () =>
  new GatewayError("invalid_credentials", "This code does not hold: it is wrong, has run out or was used.");

const gone = () =>
  new GatewayError(
    "invalid_credentials",
    "This sign-in has run out. Begin again with your e-mail address and password.",
  );

export interface SecondStepContext extends Omit<SignInContext, "told"> {
  masterKey: string;
  /** The statements that tell of a sign-in by this factor, for the batch that opens its session. */
  told(user: Whose, by: "totp" | "recovery_code"): Parameters<typeof openSession>[2];
  /** Takes one of these codes away, and tells of it; false where there is none. */
  spendRecoveryCode(user: Whose, macs: readonly string[]): Promise<boolean>;
}

/**
 * Opens the session of somebody who shows a code after their password: six digits of their app, or else a recovery code.
 * Answers the cookie's token. Throws `invalid_credentials` for whatever does not hold, in the same words, and
 * `too_many_attempts`: failures count together with those of passwords.
 */
export async function finishSignIn(
  context: SecondStepContext,
  { kept, code, address, userAgent }: { kept: string; code: string; address: string; userAgent: string | null },
): Promise<string> {
  const { database, throttle, sessionSecret, now } = context;
  const claim = await readStep("second-factor", kept, sessionSecret, now);
  if (!claim) throw gone();
  const user = { id: claim("user"), rootId: claim("root") };
  const [[row]] = await forRoot(database, user.rootId).batch([
    database
      .select({ email: users.email, passwordHash: users.passwordHash, sealedSecret: totpSecrets.sealedSecret })
      .from(users)
      .leftJoin(totpSecrets, and(eq(totpSecrets.rootId, users.rootId), eq(totpSecrets.userId, users.id)))
      .where(and(eq(users.rootId, user.rootId), eq(users.id, user.id))),
  ]);
  if (!row || (await bindingOf(row.passwordHash)) !== claim("password")) throw gone();
  const attempt = { account: row.email, address };
  const { last } = await throttle.begin(attempt, now);
  const digits = code.replace(/\s/g, "");
  const by = /^\d{6}$/.test(digits) ? "totp" : "recovery_code";
  const holds =
    by === "totp"
      ? row.sealedSecret !== null && (await spendTotp(context, user, row.sealedSecret, digits))
      : await spendRecovery(context, user, code);
  if (!holds) {
    if (last) await context.shut(user);
    throw notValid();
  }
  await throttle.succeed(attempt, now);
  const session = { userId: user.id, rootId: user.rootId, userAgent, random: context.random };
  return openSession(context, session, context.told(user, by));
}

/** Whether a code is one of now that was not taken yet; from then on it was. */
async function spendTotp(
  { database, masterKey, now }: Pick<SecondStepContext, "database" | "masterKey" | "now">,
  { id, rootId }: Whose,
  sealed: string,
  code: string,
): Promise<boolean> {
  const step = totpStep(await unseal(masterKey, totpPlace({ rootId, userId: id }), sealed), code, now);
  if (step === null) return false;
  const [taken] = await forRoot(database, rootId).batch([
    database
      .update(totpSecrets)
      .set({ lastStep: step })
      .where(
        and(
          ...[eq(totpSecrets.rootId, rootId), eq(totpSecrets.userId, id), eq(totpSecrets.sealedSecret, sealed)],
          sql`${totpSecrets.lastStep} < ${step}`,
        ),
      )
      .returning({ step: totpSecrets.lastStep }),
  ]);
  return taken.length === 1;
}

async function spendRecovery(context: SecondStepContext, user: Whose, code: string): Promise<boolean> {
  const macs = await recoveryCodeMacs(code, user.id, context.peppers);
  return macs.length > 0 && (await context.spendRecoveryCode(user, macs));
}
