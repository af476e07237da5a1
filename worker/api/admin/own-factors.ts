import type { Database } from "../../../drizzle/client.ts";
import { newRecoveryCodes } from "../../auth/recovery-codes.ts";
import { getSecondFactors, type OwnAct, type SecondFactors } from "../../organizations/second-factors.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { personOf } from "./person.ts";
import { requirePassword, requireProof } from "./proof.ts";

/** A change of somebody's own second factors, at that moment. */
export function ownAct(context: AdminContext, database: Database, now: number): OwnAct {
  const { rootId, userId, claim } = personOf(context);
  return { database, account: { rootId, userId, claim }, origin: context.get("caller").origin, now };
}

/** What somebody has who is about to change it: they sign in here, and have shown that it is them. */
export async function factorsToChange(context: AdminContext, act: OwnAct): Promise<SecondFactors> {
  requireProof(context, act.now);
  const has = await getSecondFactors(act.database, act.account);
  requirePassword(has);
  return has;
}

/** Recovery codes for a first second factor; nulls where there are others, whose codes stay. */
export async function firstCodes(
  { account }: OwnAct,
  has: SecondFactors,
  { secrets, random }: AdminDependencies,
): Promise<{ codes: string[] | null; macs: string[] | null }> {
  if (has.totpSince !== null || has.passkeys.length > 0) return { codes: null, macs: null };
  return newRecoveryCodes(account.userId, secrets.peppers, random);
}
