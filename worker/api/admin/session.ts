import { Hono } from "hono";
import { deleteCookie } from "hono/cookie";
import { z } from "zod";
import { authenticateSession, endSession } from "../../auth/session.ts";
import { SESSION_COOKIE } from "../../auth/session-token.ts";
import { signIn } from "../../auth/sign-in.ts";
import { createThrottle } from "../../auth/throttle.ts";
import { notSignedIn, readSignedIn, setSessionCookie } from "../middleware/authenticate-admin.ts";
import { checkCsrf, refuseOtherSites } from "../middleware/csrf.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { originOf } from "./origin.ts";
import { answerHalfway } from "./second-step.ts";
import { signedInBy, signedOut, tellLockout } from "./session-audit.ts";
import { addressOf, sessionBody } from "./session-body.ts";
import { jsonBody } from "./validate.ts";

/** Lower-cased: one account has one spelling. */
export const emailSchema = z.string().trim().toLowerCase().max(254).pipe(z.email("Must be an e-mail address"));

/** Length is all that is asked of a password (NIST SP 800-63B). */
export const newPasswordSchema = z
  .string()
  .min(12, "Must hold at least 12 characters")
  .max(256, "Must hold at most 256 characters");

const credentials = z.strictObject({ email: emailSchema, password: z.string().min(1).max(256) });

/** `/api/session`: signing in and out. */
export function sessionRoutes(dependencies: AdminDependencies) {
  const { database, secrets, now, random } = dependencies;
  const throttle = createThrottle(database, secrets.peppers);

  return new Hono<AdminEnv>()
    .post("/", refuseOtherSites, jsonBody(credentials), async (context) => {
      const { headers } = context.req.raw;
      const session = { database, sessionSecret: secrets.sessionSecret, now: now() };
      const origin = await originOf(headers, null, secrets.masterKey);
      const { token, halfway } = await signIn(
        {
          ...{ ...session, peppers: secrets.peppers, throttle, random },
          told: ({ id: userId, rootId }) =>
            signedInBy({ database, rootId, userId, origin, now: session.now }, "password"),
          shut: tellLockout(database, headers, secrets.masterKey, session.now),
        },
        {
          ...context.req.valid("json"),
          address: addressOf(headers),
          userAgent: headers.get("user-agent"),
        },
      );
      if (halfway) return context.json(answerHalfway(context, halfway, session.now), 202);
      const opened = await authenticateSession(session, token);
      if (!opened) throw notSignedIn();
      setSessionCookie(context, token);
      return context.json(sessionBody(opened.signedIn), 200);
    })
    .get("/", async (context) => {
      const signedIn = await readSignedIn(context, dependencies);
      if (!signedIn) throw notSignedIn();
      return context.json(sessionBody(signedIn));
    })
    .delete("/", async (context) => {
      checkCsrf(context.req.raw);
      const signedIn = await readSignedIn(context, dependencies);
      if (!signedIn) throw notSignedIn();
      const { sessionId, rootId, user } = signedIn;
      const origin = await originOf(context.req.raw.headers, sessionId, secrets.masterKey);
      const who = { database, rootId, userId: user.id, origin, now: now() };
      await endSession(database, signedIn, who.now, signedOut(who, sessionId));
      deleteCookie(context, SESSION_COOKIE, { path: "/", secure: true });
      return context.body(null, 204);
    });
}
