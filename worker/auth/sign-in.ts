import { and, eq } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { users } from "../../drizzle/schema/index.ts";
import { forRoot, forSignIn, inOrder } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Random } from "../lib/random.ts";
import type { Peppers } from "./api-key.ts";
import { hashPassword, nobodysPassword, verifyPassword } from "./password.ts";
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
  /** Those that tell that an account is shut for a while; for an account that nobody has as much work. */
  lockedOut(user: { id: string; rootId: string } | null): Promise<BatchItem<"pg">[]>;
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
 * Checks e-mail and password and opens a session; answers the cookie's token. An unknown address and a wrong password are
 * refused with the same words and the same work (`invalid_credentials`); too many failures with `too_many_attempts`.
 */
export async function signIn(context: SignInContext, input: SignInInput): Promise<string> {
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
    if (last) await forRoot(database, user?.rootId ?? "").batch(inOrder(...(await context.lockedOut(user ?? null))));
    throw new GatewayError("invalid_credentials", "E-mail address or password is wrong.");
  }
  await throttle.succeed({ account: email, address }, now);
  if (rehash && user.passwordHash !== null) {
    const passwordHash = await hashPassword(input.password, peppers, random);
    await forRoot(database, user.rootId).batch([
      database
        .update(users)
        .set({ passwordHash })
        .where(and(eq(users.rootId, user.rootId), eq(users.id, user.id), eq(users.passwordHash, user.passwordHash))),
    ]);
  }
  const session = { userId: user.id, rootId: user.rootId, userAgent: input.userAgent, random };
  return openSession(context, session, context.told(user));
}
