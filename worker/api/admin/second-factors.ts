import { Hono } from "hono";
import { z } from "zod";
import { keepStep, readStep, STEP_SECONDS } from "../../auth/kept-step.ts";
import { newRecoveryCodes } from "../../auth/recovery-codes.ts";
import { totpPlace } from "../../auth/second-step.ts";
import { newTotpSecret, totpStep, totpUrl } from "../../auth/totp.ts";
import { GatewayError } from "../../errors.ts";
import { seal, unseal } from "../../lib/seal.ts";
import { enrolTotp, getSecondFactors, removeTotp, replaceRecoveryCodes } from "../../organizations/second-factors.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { dropStep, keptStep, sendStep } from "./kept-step.ts";
import { factorsToChange, firstCodes, ownAct } from "./own-factors.ts";
import { passkeyBody } from "./passkeys.ts";
import { personOf } from "./person.ts";
import { provenUntil } from "./proof.ts";
import { jsonBody } from "./validate.ts";

const firstCode = z.strictObject({
  code: z
    .string()
    .transform((text) => text.replace(/\s/g, ""))
    .pipe(z.string().regex(/^\d{6}$/, "Must be the six digits that the app shows")),
});

const enrolled = () => new GatewayError("conflict", "You have an authenticator app. Remove it first.");

/** `/api/me`: one's authenticator app and recovery codes, and what second factors one has. */
export function secondFactorRoutes(dependencies: AdminDependencies) {
  const { database, secrets, now, random } = dependencies;
  const { sessionSecret, masterKey, peppers } = secrets;

  return new Hono<AdminEnv>()
    .get("/second-factors", async (context) => {
      const has = await getSecondFactors(database, personOf(context));
      return context.json({
        /** False: they are at the identity provider. */
        available: has.hasPassword,
        totp: has.totpSince && { created_at: has.totpSince.toISOString() },
        recovery_codes: has.recoveryCodes,
        passkeys: has.passkeys.map(passkeyBody),
        /** From then on a change asks for the password again, or a passkey. */
        confirmed_until: new Date(provenUntil(context)).toISOString(),
      });
    })
    .post("/totp", async (context) => {
      const { user } = personOf(context);
      const act = ownAct(context, database, now());
      const has = await factorsToChange(context, act);
      if (has.totpSince !== null) throw enrolled();
      const secret = newTotpSecret(random);
      const sealed = await seal(masterKey, totpPlace(act.account), secret);
      // Nothing is stored before a code of it was right: what nobody confirms must not keep anybody out.
      sendStep(context, "new-totp", await keepStep("new-totp", { user: user.id, sealed }, sessionSecret, act.now));
      return context.json({
        /** Shown this once. */
        secret,
        url: totpUrl(secret, user.email),
        expires_at: new Date(act.now + STEP_SECONDS * 1000).toISOString(),
      });
    })
    .post("/totp/confirm", jsonBody(firstCode), async (context) => {
      const act = ownAct(context, database, now());
      const has = await factorsToChange(context, act);
      const claim = await readStep("new-totp", keptStep(context, "new-totp"), sessionSecret, act.now);
      if (claim?.("user") !== act.account.userId) {
        throw new GatewayError("conflict", "This set-up has run out. Begin again (POST /api/me/totp).");
      }
      const sealedSecret = claim("sealed");
      const secret = await unseal(masterKey, totpPlace(act.account), sealedSecret);
      const step = totpStep(secret, context.req.valid("json").code, act.now);
      if (step === null) {
        throw new GatewayError("invalid_value", "This is not the code of now. Take the one that the app shows.", {
          param: "code",
        });
      }
      const { codes, macs } = await firstCodes(act, has, dependencies);
      if (!(await enrolTotp(act, { sealedSecret, step, macs }))) throw enrolled();
      dropStep(context, "new-totp");
      return context.json({ recovery_codes: codes }, 201);
    })
    .delete("/totp", async (context) => {
      const act = ownAct(context, database, now());
      await factorsToChange(context, act);
      if (!(await removeTotp(act))) throw new GatewayError("not_found", "You have no authenticator app.");
      return context.body(null, 204);
    })
    .post("/recovery-codes", async (context) => {
      const act = ownAct(context, database, now());
      await factorsToChange(context, act);
      const { codes, macs } = await newRecoveryCodes(act.account.userId, peppers, random);
      if (!(await replaceRecoveryCodes(act, macs))) {
        throw new GatewayError("conflict", "Recovery codes go with a second factor, and you have none.");
      }
      return context.json({ recovery_codes: codes }, 201);
    });
}
