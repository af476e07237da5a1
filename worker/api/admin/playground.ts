import { Hono } from "hono";
import { z } from "zod";
import { jurisdictionLetter } from "../../auth/api-key.ts";
import { signPlayToken } from "../../auth/play-token.ts";
import { playgroundKey } from "../../organizations/playground-keys.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { personOf } from "./person.ts";
import { pushChange } from "./push.ts";
import { idSchema, jsonBody } from "./validate.ts";

const wanted = z.strictObject({
  organization_id: idSchema("org").describe("Who pays, and whose limits and models hold."),
});

/** `/api/playground`: how the dashboard's own page asks models. */
export function playgroundRoutes(dependencies: AdminDependencies) {
  const { database, secrets, now, random } = dependencies;

  return new Hono<AdminEnv>().post("/token", jsonBody(wanted), async (context) => {
    const actor = context.get("caller");
    const { user, sessionId, rootId, jurisdiction, expiresAt: sessionEnd } = personOf(context);
    const at = now();
    const { organization_id: organizationId } = context.req.valid("json");
    const { keyId, change } = await playgroundKey({
      ...{ database, actor, name: user.name, letter: jurisdictionLetter(jurisdiction) },
      ...{ organizationId, random, now: at },
    });
    // A Ledger that does not know a key reads it from the database.
    if (change) await pushChange(dependencies, { jurisdiction, requestId: context.get("requestId") }, change);
    const claims = { sessionId, userId: user.id, rootId, keyId, jurisdiction };
    const { token, expiresAt } = await signPlayToken(claims, { secret: secrets.sessionSecret, now: at, sessionEnd });
    const expires = new Date(expiresAt).toISOString();
    return context.json({ token, expires_at: expires, organization_id: organizationId, key_id: keyId });
  });
}
