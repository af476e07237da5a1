import { Hono } from "hono";
import { z } from "zod";
import { createApiKey } from "../../auth/api-key.ts";
import { hashPassword } from "../../auth/password.ts";
import { GatewayError } from "../../errors.ts";
import { timingSafeEqual } from "../../lib/encoding.ts";
import { newId } from "../../lib/ids.ts";
import { sha256 } from "../../lib/sha256.ts";
import { isSetUp, setUp } from "../../organizations/set-up.ts";
import { refuseOtherSites } from "../middleware/csrf.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { organizationBody } from "./organizations.ts";
import { emailSchema, newPasswordSchema } from "./session.ts";
import { jsonBody, nameSchema } from "./validate.ts";

const body = z.strictObject({
  token: z.string().min(1).max(512).describe("The one-time token the operator configured."),
  organization: nameSchema.describe("Name of the root organization."),
  email: emailSchema.describe("Of its first owner."),
  password: newPasswordSchema,
  jurisdiction: z.enum(["global", "eu", "us"]).default("global").describe("Where the tenant's Ledger must stay."),
});

/** `/api/setup`: a tenant from nothing, once for each set-up token. */
export function setupRoutes({ database, secrets, now, random }: AdminDependencies) {
  const { peppers, setupToken } = secrets;

  return new Hono<AdminEnv>()
    .get("/", async (context) => {
      const done = setupToken === null || (await isSetUp(database, await sha256(setupToken)));
      return context.json({ done });
    })
    .post("/", refuseOtherSites, jsonBody(body), async (context) => {
      const input = context.req.valid("json");
      const tokenHash = await sha256(input.token);
      if (setupToken === null || !timingSafeEqual(tokenHash, await sha256(setupToken))) {
        throw new GatewayError("invalid_credentials", "This set-up token is not valid.");
      }
      const rootId = newId("org", random);
      const { jurisdiction, email } = input;
      const [apiKey, adminKey, passwordHash] = await Promise.all([
        createApiKey({ peppers, jurisdiction, rootId, random }),
        createApiKey({ peppers, jurisdiction, rootId, random }),
        hashPassword(input.password, peppers, random),
      ]);
      const user = { id: newId("usr", random), email, passwordHash };
      const { organization } = await setUp({
        database,
        tokenHash,
        now: now(),
        rootId,
        organization: input.organization,
        user,
        apiKey,
        adminKey,
      });
      return context.json(
        {
          organization: organizationBody(organization),
          admin: { id: user.id, email },
          /** Permissions read and write. Shown this once. */
          api_key: apiKey.key,
          /** Permission admin. Shown this once. */
          admin_key: adminKey.key,
        },
        201,
      );
    });
}
