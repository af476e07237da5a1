import { Hono } from "hono";
import { z } from "zod";
import { STEP_SECONDS } from "../../auth/kept-step.ts";
import { askForPasskey, signInByPasskey } from "../../auth/passkey-sign-in.ts";
import { relyingParty } from "../../auth/passkeys.ts";
import { finishSignIn, type Halfway } from "../../auth/second-step.ts";
import { authenticateSession } from "../../auth/session.ts";
import { createThrottle } from "../../auth/throttle.ts";
import { useRecoveryCode } from "../../organizations/second-factors.ts";
import { notSignedIn, setSessionCookie } from "../middleware/authenticate-admin.ts";
import { refuseOtherSites } from "../middleware/csrf.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { dropStep, keptStep, sendStep } from "./kept-step.ts";
import { originOf } from "./origin.ts";
import { shownCredentialSchema } from "./passkey-json.ts";
import { signedInBy, tellLockout } from "./session-audit.ts";
import { addressOf, sessionBody } from "./session-body.ts";
import { jsonBody } from "./validate.ts";

const shownCode = z.strictObject({
  code: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .describe("Six digits of the authenticator app, or a recovery code. Spaces, dashes and case do not matter."),
});

const shownPasskey = z.strictObject({ credential: shownCredentialSchema });

/** Answers that the password was right and a second factor is needed, and has the browser keep that. */
export function answerHalfway(context: AdminContext, { kept, factors }: Halfway, now: number) {
  sendStep(context, "second-factor", kept);
  return { second_factors: factors, expires_at: new Date(now + STEP_SECONDS * 1000).toISOString() };
}

/** `/api/session`, for a code after the password, and for passkeys. */
export function secondStepRoutes({ database, secrets, now, random }: AdminDependencies) {
  const { peppers, sessionSecret, masterKey } = secrets;
  const throttle = createThrottle(database, peppers);

  /** Somebody with a new session, as the API shows them. */
  async function opened(context: AdminContext, token: string, at: number) {
    const found = await authenticateSession({ database, sessionSecret, now: at }, token);
    if (!found) throw notSignedIn();
    setSessionCookie(context, token);
    return sessionBody(found.signedIn);
  }

  return new Hono<AdminEnv>()
    .post("/code", refuseOtherSites, jsonBody(shownCode), async (context) => {
      const { headers } = context.req.raw;
      const at = now();
      const origin = await originOf(headers, null, masterKey);
      const token = await finishSignIn(
        {
          ...{ database, peppers, sessionSecret, masterKey, throttle, random, now: at },
          told: ({ id: userId, rootId }, second_factor) =>
            signedInBy({ database, rootId, userId, origin, now: at }, "password", { second_factor }),
          shut: tellLockout(database, headers, masterKey, at),
          spendRecoveryCode: ({ id: userId, rootId }, macs) =>
            useRecoveryCode({ database, account: { rootId, userId }, origin, now: at }, macs),
        },
        {
          ...{ kept: keptStep(context, "second-factor"), code: context.req.valid("json").code },
          ...{ address: addressOf(headers), userAgent: headers.get("user-agent") },
        },
      );
      dropStep(context, "second-factor");
      return context.json(await opened(context, token, at));
    })
    .post("/passkey/options", refuseOtherSites, async (context) => {
      const asking = { database, peppers, sessionSecret, now: now() };
      const { options, kept } = await askForPasskey(asking, relyingParty(context.req.url));
      sendStep(context, "passkey", kept);
      return context.json(options);
    })
    .post("/passkey", refuseOtherSites, jsonBody(shownPasskey), async (context) => {
      const { headers } = context.req.raw;
      const at = now();
      const origin = await originOf(headers, null, masterKey);
      const attempt = { account: null, address: addressOf(headers) };
      await throttle.begin(attempt, at);
      const kept = keptStep(context, "passkey");
      dropStep(context, "passkey");
      const token = await signInByPasskey(
        {
          ...{ database, peppers, sessionSecret, random, now: at },
          told: ({ id: userId, rootId }, passkey) =>
            signedInBy({ database, rootId, userId, origin, now: at }, "passkey", { passkey }),
        },
        {
          ...{ site: relyingParty(context.req.url), kept, response: context.req.valid("json").credential },
          userAgent: headers.get("user-agent"),
        },
      );
      await throttle.succeed(attempt, at);
      return context.json(await opened(context, token, at));
    });
}
