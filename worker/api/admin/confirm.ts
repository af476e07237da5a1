import { Hono } from "hono";
import { z } from "zod";
import { readPasskey } from "../../auth/passkey-sign-in.ts";
import { relyingParty } from "../../auth/passkeys.ts";
import { verifyPassword } from "../../auth/password.ts";
import { confirmSession } from "../../auth/session.ts";
import { createThrottle } from "../../auth/throttle.ts";
import { GatewayError } from "../../errors.ts";
import { passwordHashOf } from "../../organizations/accounts.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { dropStep, keptStep } from "./kept-step.ts";
import { shownCredentialSchema } from "./passkey-json.ts";
import { personOf } from "./person.ts";
import { confirmedBy } from "./session-audit.ts";
import { addressOf } from "./session-body.ts";
import { jsonBody } from "./validate.ts";

const byPassword = z.strictObject({ password: z.string().min(1).max(256) });
const byPasskey = z.strictObject({ credential: shownCredentialSchema });

/** `/api/me/confirm`: showing again who one is, before what decides how one gets in. */
export function confirmRoutes({ database, secrets, now }: AdminDependencies) {
  const { peppers, sessionSecret } = secrets;
  const throttle = createThrottle(database, peppers);
  const teller = (context: AdminContext, at: number) => {
    const { rootId, origin, id: userId } = context.get("caller");
    return { database, rootId, userId, origin, now: at };
  };

  return new Hono<AdminEnv>()
    .post("/", jsonBody(byPassword), async (context) => {
      const person = personOf(context);
      const at = now();
      const attempt = { account: person.user.email, address: addressOf(context.req.raw.headers) };
      await throttle.begin(attempt, at);
      const stored = await passwordHashOf(database, person);
      if (stored === null) throw new GatewayError("conflict", "You have no password: you sign in elsewhere.");
      const { valid } = await verifyPassword(context.req.valid("json").password, stored, peppers);
      if (!valid) throw new GatewayError("invalid_value", "This is not your password.", { param: "password" });
      await throttle.succeed(attempt, at);
      await confirmSession(database, person, at, confirmedBy(teller(context, at), person.sessionId, "password"));
      return context.body(null, 204);
    })
    .post("/passkey", jsonBody(byPasskey), async (context) => {
      const person = personOf(context);
      const at = now();
      const kept = keptStep(context, "passkey");
      dropStep(context, "passkey");
      const { credential: response } = context.req.valid("json");
      const site = relyingParty(context.req.url);
      const refused = () =>
        new GatewayError("invalid_value", "This is no passkey of yours here. Try again, or use your password.", {
          param: "credential",
        });
      // One that does not hold says nothing against the session: that is a 400, not a 401.
      const shown = await readPasskey({ database, peppers, sessionSecret, now: at }, { site, kept, response }).catch(
        (error: unknown) => {
          if (error instanceof GatewayError && error.code === "invalid_credentials") throw refused();
          throw error;
        },
      );
      if (shown.userId !== person.userId || shown.rootId !== person.rootId) throw refused();
      const told = confirmedBy(teller(context, at), person.sessionId, "passkey");
      await confirmSession(database, person, at, [...told, shown.used]);
      return context.body(null, 204);
    });
}
