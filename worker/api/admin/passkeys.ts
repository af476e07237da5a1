import { Hono } from "hono";
import { z } from "zod";
import { keepStep, readStep } from "../../auth/kept-step.ts";
import { creationOptions, relyingParty, verifyNewPasskey } from "../../auth/passkeys.ts";
import { spendState } from "../../auth/sign-on.ts";
import { userHandle } from "../../auth/user-handle.ts";
import { GatewayError } from "../../errors.ts";
import { newId } from "../../lib/ids.ts";
import { addPasskey, removePasskey, renamePasskey } from "../../organizations/passkeys.ts";
import type { Passkey } from "../../organizations/second-factors.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { dropStep, keptStep, sendStep } from "./kept-step.ts";
import { factorsToChange, firstCodes, ownAct } from "./own-factors.ts";
import { newCredentialSchema } from "./passkey-json.ts";
import { personOf } from "./person.ts";
import { jsonBody, nameSchema, pathId } from "./validate.ts";

const newPasskey = z.strictObject({ name: nameSchema, credential: newCredentialSchema });
const changedPasskey = z.strictObject({ name: nameSchema });

/** A passkey as the API shows it: nothing of it opens anything. */
export const passkeyBody = ({ id, name, createdAt, lastUsedAt }: Passkey) => ({
  ...{ id, name, created_at: createdAt.toISOString(), last_used_at: lastUsedAt?.toISOString() ?? null },
});

/** `/api/me/passkeys`: one's own. */
export function passkeyRoutes(dependencies: AdminDependencies) {
  const { database, secrets, now, random } = dependencies;
  const { sessionSecret, peppers } = secrets;

  return new Hono<AdminEnv>()
    .post("/options", async (context) => {
      const { user } = personOf(context);
      const act = ownAct(context, database, now());
      const has = await factorsToChange(context, act);
      const handle = await userHandle(act.account, peppers);
      const site = relyingParty(context.req.url);
      const options = await creationOptions(site, { handle, email: user.email, name: user.name }, has.passkeys);
      const claims = { user: user.id, challenge: options.challenge };
      sendStep(context, "new-passkey", await keepStep("new-passkey", claims, sessionSecret, act.now));
      return context.json(options);
    })
    .post("/", jsonBody(newPasskey), async (context) => {
      const act = ownAct(context, database, now());
      const has = await factorsToChange(context, act);
      const { name, credential } = context.req.valid("json");
      const claim = await readStep("new-passkey", keptStep(context, "new-passkey"), sessionSecret, act.now);
      dropStep(context, "new-passkey");
      const challenge = claim?.("user") === act.account.userId ? claim("challenge") : "";
      if (challenge === "" || !(await spendState(database, `passkey ${challenge}`, act.now))) {
        throw new GatewayError(
          "conflict",
          "This has run out, or was done. Begin again (POST /api/me/passkeys/options).",
        );
      }
      const made = await verifyNewPasskey(relyingParty(context.req.url), challenge, credential);
      if (!made) {
        throw new GatewayError("invalid_value", "This passkey does not hold. Try again.", { param: "credential" });
      }
      const { codes, macs } = await firstCodes(act, has, dependencies);
      const passkey = await addPasskey(act, { ...made, id: newId("pky", random), name }, macs);
      return context.json({ ...passkeyBody(passkey), recovery_codes: codes }, 201);
    })
    .patch("/:id", jsonBody(changedPasskey), async (context) => {
      const id = pathId("pky", context.req.param("id"));
      const { name } = context.req.valid("json");
      return context.json(passkeyBody(await renamePasskey(ownAct(context, database, now()), { id, name })));
    })
    .delete("/:id", async (context) => {
      const id = pathId("pky", context.req.param("id"));
      const act = ownAct(context, database, now());
      await factorsToChange(context, act);
      await removePasskey(act, id);
      return context.body(null, 204);
    });
}
