import { and, eq, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { passkeys } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Random } from "../lib/random.ts";
import type { Peppers } from "./api-key.ts";
import { keepStep, readStep } from "./kept-step.ts";
import { type RelyingParty, requestOptions, type ShownCredential, verifyPasskey } from "./passkeys.ts";
import { openSession } from "./session.ts";
import { spendState } from "./sign-on.ts";
import { readUserHandle } from "./user-handle.ts";

export interface PasskeyContext {
  database: Database;
  peppers: Peppers;
  sessionSecret: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What a browser shows: its authenticator's answer, and what it kept of the challenge. */
export interface ShownPasskey {
  site: RelyingParty;
  kept: string;
  response: ShownCredential;
}

/** The one answer to every passkey that does not hold, so that a forged one cannot be told from an unknown one. */
const passkeyRefused = (): GatewayError =>
  new GatewayError("invalid_credentials", "This passkey does not let you in here. Try again, or use your password.");

/** Options for the browser to ask for a passkey of anybody, and what it keeps of them. */
export async function askForPasskey({ sessionSecret, now }: PasskeyContext, site: RelyingParty) {
  const options = await requestOptions(site);
  return { options, kept: await keepStep("passkey", { challenge: options.challenge }, sessionSecret, now) };
}

/**
 * Whose passkey was shown, and the statement that notes it was used, for the batch of what it opens. Throws
 * `invalid_credentials`: for a challenge that is not this browser's, has run out or was answered before, and for an answer that
 * does not hold.
 */
export async function readPasskey(
  { database, peppers, sessionSecret, now }: PasskeyContext,
  { site, kept, response }: ShownPasskey,
): Promise<{ userId: string; rootId: string; passkeyId: string; used: BatchItem<"pg"> }> {
  const claim = await readStep("passkey", kept, sessionSecret, now);
  const whose = await readUserHandle(response.response.userHandle ?? "", peppers);
  if (!claim || !whose || !(await spendState(database, `passkey ${claim("challenge")}`, now))) throw passkeyRefused();
  const { rootId, userId } = whose;
  const own = and(eq(passkeys.rootId, rootId), eq(passkeys.userId, userId), eq(passkeys.credentialId, response.id));
  const [[passkey]] = await forRoot(database, rootId).batch([database.select().from(passkeys).where(own)]);
  const counter = passkey ? await verifyPasskey(site, claim("challenge"), response, passkey) : null;
  if (!passkey || counter === null) throw passkeyRefused();
  const used = database
    .update(passkeys)
    .set({ counter: sql`greatest(${passkeys.counter}, ${counter})`, lastUsedAt: new Date(now) })
    .where(own);
  return { userId, rootId, passkeyId: passkey.id, used };
}

/** Opens the session of whoever's passkey was shown; answers the cookie's token. It is both factors in one: who has it, and who they are. */
export async function signInByPasskey(
  context: PasskeyContext & {
    random: Random;
    /** The statements that tell of the sign-in, for the batch that opens its session. */
    told(user: { id: string; rootId: string }, passkeyId: string): (sessionId: string) => BatchItem<"pg">[];
  },
  shown: ShownPasskey & { userAgent: string | null },
): Promise<string> {
  const { userId, rootId, passkeyId, used } = await readPasskey(context, shown);
  const told = context.told({ id: userId, rootId }, passkeyId);
  const session = { userId, rootId, userAgent: shown.userAgent, random: context.random };
  return openSession(context, session, (sessionId) => [...told(sessionId), used]);
}
