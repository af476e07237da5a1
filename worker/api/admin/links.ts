import { Hono } from "hono";
import { z } from "zod";
import { readLinkToken } from "../../auth/link-token.ts";
import { hashPassword, verifyPassword } from "../../auth/password.ts";
import { factorsOf, keepHalfway } from "../../auth/second-step.ts";
import { authenticateSession, openSession } from "../../auth/session.ts";
import { createThrottle } from "../../auth/throttle.ts";
import { GatewayError } from "../../errors.ts";
import { newId } from "../../lib/ids.ts";
import { redeemReset, userOfReset } from "../../organizations/accounts.ts";
import { acceptInvite, findInvite } from "../../organizations/invites.ts";
import { notSignedIn, setSessionCookie } from "../middleware/authenticate-admin.ts";
import { refuseOtherSites } from "../middleware/csrf.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { answerHalfway } from "./second-step.ts";
import { newPasswordSchema } from "./session.ts";
import { addressOf, sessionBody } from "./session-body.ts";
import { jsonBody, nameSchema } from "./validate.ts";

const token = z.string().min(1).max(512);

const acceptance = z.strictObject({
  token,
  name: nameSchema
    .optional()
    .describe("The e-mail address when left out. For somebody who has an account it says nothing."),
  password: z
    .string()
    .min(1)
    .max(256)
    .describe("A new one, or, of somebody who has an account in this tenant, the one they have."),
});

const reset = z.strictObject({ token, password: newPasswordSchema });

const spent = () =>
  new GatewayError(
    "not_found",
    "This link does not hold: it was used, has run out or was taken back. Ask for another.",
    {
      param: "token",
    },
  );

/** What one-time links open, for people who are not signed in. */
export function linkRoutes({ database, secrets, now, random }: AdminDependencies) {
  const { peppers, sessionSecret } = secrets;
  const throttle = createThrottle(database, peppers);

  /** Who accepts an invitation: a user who is there and shows it by their password, or a new one. */
  async function guest(found: NonNullable<Awaited<ReturnType<typeof findInvite>>>, input: z.output<typeof acceptance>) {
    const { invite, user } = found;
    if (!user) {
      const checked = newPasswordSchema.safeParse(input.password);
      if (!checked.success) {
        const message = `${checked.error.issues[0]?.message}.`;
        throw new GatewayError("invalid_value", message, { param: "password" });
      }
      const passwordHash = await hashPassword(checked.data, peppers, random);
      return { userId: newId("usr", random), newUser: { name: input.name ?? invite.email, passwordHash } };
    }
    if (user.passwordHash === null) {
      throw new GatewayError(
        "conflict",
        "You have an account and sign in at your identity provider. Ask an administrator to give you the role there.",
      );
    }
    // Whoever made the link knows it: it alone must not open an account that is there.
    const { valid } = await verifyPassword(input.password, user.passwordHash, peppers);
    if (valid) return { userId: user.id, newUser: null };
    throw new GatewayError("invalid_value", "You have an account here: this is not its password.", {
      param: "password",
    });
  }

  /** Signs somebody in, and answers as signing in does. */
  async function open(context: AdminContext, rootId: string, userId: string) {
    const session = { database, sessionSecret, now: now() };
    const userAgent = context.req.header("user-agent") ?? null;
    const cookie = await openSession(session, { userId, rootId, userAgent, random });
    const opened = await authenticateSession(session, cookie);
    if (!opened) throw notSignedIn();
    setSessionCookie(context, cookie);
    return sessionBody(opened.signedIn);
  }

  return new Hono<AdminEnv>()
    .post("/invites/accept", refuseOtherSites, jsonBody(acceptance), async (context) => {
      const input = context.req.valid("json");
      const link = await readLinkToken("invite", input.token, peppers);
      const address = addressOf(context.req.raw.headers);
      const byAddress = { account: null, address };
      await throttle.begin(byAddress, now());
      const found = link && (await findInvite(database, link.rootId, link.mac, now()));
      if (!found) throw spent();
      const attempt = { account: found.invite.email, address };
      await throttle.begin(attempt, now());
      const { userId, newUser } = await guest(found, input);
      const { rootId } = found.invite;
      const factors = newUser ? [] : await factorsOf(database, { id: userId, rootId });
      await (factors.length === 0 ? throttle.succeed : throttle.takeBack)(attempt, now());
      await throttle.succeed(byAddress, now());
      if (!(await acceptInvite({ database, now: now(), invite: found.invite, userId, newUser }))) throw spent();
      if (factors.length > 0) {
        const step = { sessionSecret, now: now() };
        const kept = await keepHalfway(step, { id: userId, rootId }, found.user?.passwordHash ?? "");
        return context.json(answerHalfway(context, { kept, factors }, step.now), 202);
      }
      return context.json(await open(context, rootId, userId), 201);
    })
    .post("/password/reset", refuseOtherSites, jsonBody(reset), async (context) => {
      const input = context.req.valid("json");
      const attempt = { account: null, address: addressOf(context.req.raw.headers) };
      await throttle.begin(attempt, now());
      const link = await readLinkToken("reset", input.token, peppers);
      const { rootId = "", mac = "" } = link ?? {};
      if (!link || (await userOfReset(database, { rootId, mac, now: now() })) === null) throw spent();
      await throttle.succeed(attempt, now());
      const passwordHash = await hashPassword(input.password, peppers, random);
      if (!(await redeemReset(database, { rootId, mac, now: now(), passwordHash }))) throw spent();
      return context.body(null, 204);
    });
}
