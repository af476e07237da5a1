import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../../drizzle/client.ts";
import { forRoot, inOrder } from "../../../drizzle/tenant.ts";
import type { Actor } from "../../organizations/actor.ts";
import { auditAlone } from "../../organizations/audit.ts";
import { originOf } from "./origin.ts";

/** Whose session it is, and who does something with it. */
interface Somebody {
  database: Database;
  rootId: string;
  userId: string;
  origin: Actor["origin"];
  /** Milliseconds since the epoch. */
  now: number;
}

/** How somebody shows who they are. `passkey`: by that alone. */
export type SignInBy = "password" | "passkey" | "access" | "oidc";

const entry = ({ rootId, userId, origin }: Somebody, action: string, target: string) => ({
  ...{ actor: { id: userId, origin }, action, target, organizationId: rootId },
});

/**
 * The statements that tell of a sign-in, for the batch that opens its session.
 * @param more what was shown beside: a second factor, which passkey
 */
export const signedInBy =
  (who: Somebody, by: SignInBy, more: { second_factor?: "totp" | "recovery_code"; passkey?: string } = {}) =>
  (sessionId: string): BatchItem<"pg">[] => {
    const origin = who.origin && { ...who.origin, sessionId };
    const row = { ...entry({ ...who, origin }, "session.sign_in", sessionId), before: null, after: { by, ...more } };
    return [...auditAlone(who.database, who.rootId, who.now, row)];
  };

/** The same of somebody who shows again who they are. */
export function confirmedBy(who: Somebody, sessionId: string, by: "password" | "passkey"): BatchItem<"pg">[] {
  const row = { ...entry(who, "session.confirm", sessionId), before: null, after: { by } };
  return [...auditAlone(who.database, who.rootId, who.now, row)];
}

/** The same of a sign-out. */
export function signedOut(who: Somebody, sessionId: string): BatchItem<"pg">[] {
  const row = { ...entry(who, "session.sign_out", sessionId), before: null, after: null };
  return [...auditAlone(who.database, who.rootId, who.now, row)];
}

/** The same of sessions that somebody ends from another: one, or all the others. */
export const endedSessions =
  (who: Somebody, which: "one" | "others") =>
  (ended: readonly string[]): BatchItem<"pg">[] => {
    const [first = ""] = ended;
    const row = which === "one" ? entry(who, "session.end", first) : entry(who, "session.end_others", who.userId);
    return [
      ...auditAlone(who.database, who.rootId, who.now, { ...row, before: { sessions: [...ended] }, after: null }),
    ];
  };

/**
 * Tells when guessing at an account has gone so far that it is shut for a while: one row, whatever comes after. Where
 * nobody has that address as much is asked of the database, so that the time of a refusal does not tell.
 */
export const tellLockout =
  (database: Database, headers: Headers, secret: string, now: number) =>
  async (account: { id: string; rootId: string } | null): Promise<void> => {
    const { id, rootId } = account ?? { id: "", rootId: "" };
    const statements = auditAlone(database, rootId, now, {
      actor: { id: "anonymous", origin: await originOf(headers, null, secret) },
      ...{ action: "session.lockout", target: id, organizationId: rootId, before: null, after: null },
    });
    await forRoot(database, rootId).batch(inOrder(...(account === null ? statements.slice(0, 1) : statements)));
  };
