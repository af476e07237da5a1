import { and, eq } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { users } from "../../drizzle/schema/index.ts";
import { forRoot, forSignIn } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Random } from "../lib/random.ts";
import type { Peppers } from "./api-key.ts";
import { hashPassword, nobodysPassword, verifyPassword } from "./password.ts";
import { factorsOf, type Halfway, keepHalfway } from "./second-step.ts";
import { openSession } from "./session.ts";
import type { Throttle } from "./throttle.ts";

export interface SignInContext {
  database: Database;
  peppers: Peppers;
  sessionSecret: string;
  throttle: Throttle;
  random: Random;
  /** Milliseconds since the epoch. */
  now: number;
  /** The statements that tell of a sign-in, for the batch that opens its session. */
  told(user: { id: string; rootId: string }): (sessionId: string) => BatchItem<"pg">[];
  /** Tells that an account is shut for a while; for an account that nobody has it does as much work. */
  shut(user: { id: string; rootId: string } | null): Promise<void>;
}

export interface SignInInput {
  /** Lower-cased, as it is stored. */
  email: string;
  password: string;
  /** Where the request came from, as the platform tells it. */
  address: string;
  userAgent: string | null;
}

/**
 * Checks e-mail and password and opens a session; answers the cookie's token, or, for somebody who has a second factor, what is
 * kept until they show it (`finishSignIn`). An unknown address and a wrong password are refused with the same words and the same
 * work (`invalid_credentials`); too many failures with `too_many_attempts`.
 */
export async function signIn(
  context: SignInContext,
  input: SignInInput,
): Promise<{ token: string; halfway: null } | { token: null; halfway: Halfway }> {
  const { database, peppers, throttle, random, now } = context;
  const { email, address } = input;
  const { last } = await throttle.begin({ account: email, address }, now);
  const [[user]] = await forSignIn(database, email).batch([
    database
      .select({ id: users.id, rootId: users.rootId, passwordHash: users.passwordHash })
      .from(users)
      .where(eq(users.email, email)),
  ]);
  const { valid, rehash } = await verifyPassword(
    input.password,
    user?.passwordHash ?? nobodysPassword(peppers),
    peppers,
  );
  if (!user || !valid) {
    if (last) await context.shut(user ?? null);
    throw new GatewayError("invalid_credentials", "E-mail address or password is wrong.");
  }
  const factors = await factorsOf(database, user);
  // Whoever has found out the password alone must not get as many codes to try as they like.
  await (factors.length === 0 ? throttle.succeed : throttle.takeBack)({ account: email, address }, now);
  let passwordHash = user.passwordHash ?? "";
  if (rehash) {
    const before = passwordHash;
    passwordHash = await hashPassword(input.password, peppers, random);
    await forRoot(database, user.rootId).batch([
      database
        .update(users)
        .set({ passwordHash })
        .where(and(eq(users.rootId, user.rootId), eq(users.id, user.id), eq(users.passwordHash, before))),
    ]);
  }
  if (factors.length > 0)
    return { token: null, halfway: { kept: await keepHalfway(context, user, passwordHash), factors } };
  const session = { userId: user.id, rootId: user.rootId, userAgent: input.userAgent, random };
  return { token: await openSession(context, session, context.told(user)), halfway: null };
}
