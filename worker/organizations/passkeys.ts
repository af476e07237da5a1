import { and, eq, sql } from "drizzle-orm";
import { passkeys } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { commitAct } from "./change.ts";
import { type OwnAct, ofAccount, ownAudit, type Passkey, withCodes, withoutFactors } from "./second-factors.ts";
import { undisturbed } from "./undisturbed.ts";

/** More of them nobody can tell apart. */
const MOST_PASSKEYS = 20;
const UNIQUE_VIOLATION = "23505";

/** A passkey as an authenticator made it. */
interface NewPasskey {
  id: string;
  name: string;
  credentialId: string;
  publicKey: string;
  counter: number;
  transports: string[];
}

/**
 * Stores a passkey, and the recovery codes that come with a first second factor. Throws `conflict` for one that is stored
 * already, and for too many.
 */
export async function addPasskey(act: OwnAct, made: NewPasskey, macs: readonly string[] | null): Promise<Passkey> {
  const { database, account, now } = act;
  const { rootId, userId } = account;
  const createdAt = new Date(now);
  const count = database.select({ count: sql`count(*)` }).from(passkeys).where(ofAccount(passkeys, account));
  try {
    const done = await commitAct(database, {
      ...{ rootId, now, onlyIf: sql`${count} < ${MOST_PASSKEYS}` },
      statements: [
        database.insert(passkeys).values({ ...made, rootId, userId, createdAt }),
        ...withCodes(database, account, macs, now),
      ],
      audit: ownAudit(act, "passkey.create", {
        ...{ target: made.id, before: null },
        after: { name: made.name, recovery_codes: macs?.length ?? 0 },
      }),
    });
    if (done) return { id: made.id, name: made.name, createdAt, lastUsedAt: null };
  } catch (error) {
    if (sqlstateOf(error) !== UNIQUE_VIOLATION) throw error;
    throw new GatewayError("conflict", "This passkey is registered already.");
  }
  throw new GatewayError("conflict", `You have ${MOST_PASSKEYS} passkeys. Remove one first.`);
}

const ownRow = ({ account }: OwnAct, id: string) => and(ofAccount(passkeys, account), eq(passkeys.id, id));

const noSuchPasskey = () => new GatewayError("not_found", "There is no such passkey of yours.");

async function getPasskey(act: OwnAct, id: string): Promise<Passkey> {
  const { id: passkeyId, name, createdAt, lastUsedAt } = passkeys;
  const [[found]] = await forRoot(act.database, act.account.rootId).batch([
    act.database.select({ id: passkeyId, name, createdAt, lastUsedAt }).from(passkeys).where(ownRow(act, id)),
  ]);
  if (!found) throw noSuchPasskey();
  return found;
}

/** Gives a passkey of one's own another name. Throws `not_found`. */
export const renamePasskey = (act: OwnAct, { id, name }: { id: string; name: string }): Promise<Passkey> =>
  undisturbed(async () => {
    const { database, account, now } = act;
    const before = await getPasskey(act, id);
    const unchanged = database
      .select({ id: passkeys.id })
      .from(passkeys)
      .where(and(ownRow(act, id), eq(passkeys.name, before.name)));
    const made = await commitAct(database, {
      ...{ rootId: account.rootId, now, onlyIf: sql`exists ${unchanged}` },
      statements: [database.update(passkeys).set({ name }).where(ownRow(act, id))],
      audit: ownAudit(act, "passkey.update", { target: id, before: { name: before.name }, after: { name } }),
    });
    return made ? { ...before, name } : null;
  });

/** Takes a passkey of one's own away. Throws `not_found`. */
export async function removePasskey(act: OwnAct, id: string): Promise<void> {
  const { database, account, now } = act;
  const { name } = await getPasskey(act, id);
  const there = database.select({ id: passkeys.id }).from(passkeys).where(ownRow(act, id));
  const made = await commitAct(database, {
    ...{ rootId: account.rootId, now, onlyIf: sql`exists ${there}` },
    statements: [database.delete(passkeys).where(ownRow(act, id)), withoutFactors(database, account)],
    audit: ownAudit(act, "passkey.delete", { target: id, before: { name }, after: null }),
  });
  if (!made) throw noSuchPasskey();
}
