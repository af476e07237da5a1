import { Hono } from "hono";
import { z } from "zod";
import { createApiKey } from "../../auth/api-key.ts";
import { GatewayError } from "../../errors.ts";
import { createKey, getKey, listKeys, revokeKey } from "../../organizations/keys.ts";
import type { KeyRow } from "../../organizations/records.ts";
import { archivedAmong } from "../../organizations/tree.ts";
import type { AdminEnv, Caller } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { pushChange } from "./push.ts";
import { idSchema, instantSchema, jsonBody, nameSchema, pageSchema, pathId, query } from "./validate.ts";

const newKey = z.strictObject({
  name: nameSchema,
  /** The caller's own organization when left out. */
  organization_id: idSchema("org").optional(),
  permissions: z
    .array(z.enum(["read", "write", "admin"]))
    .min(1)
    .max(3)
    .default(["read", "write"]),
  /** When the key stops working; null or left out: never. */
  expires_at: instantSchema.nullable().default(null),
  /** A revocation of a strict key holds everywhere at once, at the price of a check for each request. */
  strict: z.boolean().default(false),
});

const keyQuery = pageSchema.extend({
  /** Keys of this organization and those below. */
  organization: idSchema("org").optional(),
});

type KeyStatus = "active" | "disabled" | "expired" | "revoked";

function statusOf(row: KeyRow, now: number): KeyStatus {
  if (row.revokedAt) return "revoked";
  if (row.disabledAt) return "disabled";
  return row.expiresAt && row.expiresAt.getTime() <= now ? "expired" : "active";
}

/**
 * A key as the API shows it: never the key itself, nor its MAC.
 * @param archived the organizations that may not spend
 */
const keyBody = (row: KeyRow, now: number, archived: ReadonlySet<string>) => ({
  id: row.id,
  organization_id: row.organizationId,
  name: row.name,
  hint: row.hint,
  permissions: row.permissions,
  strict: row.strict,
  status: statusOf(row, now),
  organization_archived: archived.has(row.organizationId),
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt?.toISOString() ?? null,
  disabled_at: row.disabledAt?.toISOString() ?? null,
  revoked_at: row.revokedAt?.toISOString() ?? null,
});

function checkExpiry(expiresAt: Date | null, now: number): void {
  if (expiresAt === null || expiresAt.getTime() > now) return;
  throw new GatewayError("invalid_value", "Must be in the future.", { param: "expires_at" });
}

/** `/api/keys`: virtual keys of the caller's organizations. */
export function keyRoutes(dependencies: AdminDependencies) {
  const { database, secrets, now, random } = dependencies;
  const bodies = async ({ rootId }: Caller, rows: readonly KeyRow[], at: number) => {
    const archived = await archivedAmong(database, rootId, [...new Set(rows.map((row) => row.organizationId))]);
    return rows.map((row) => keyBody(row, at, archived));
  };

  return new Hono<AdminEnv>()
    .get("/", query(keyQuery), async (context) => {
      const { organization: organizationId, ...page } = context.req.valid("query");
      const at = now();
      const caller = context.get("caller");
      const { rows, nextCursor } = await listKeys(database, caller, { ...page, organizationId });
      const data = await bodies(caller, rows, at);
      return context.json({ data, next_cursor: nextCursor, as_of: new Date(at).toISOString() });
    })
    .post("/", jsonBody(newKey), async (context) => {
      const actor = context.get("caller");
      const input = context.req.valid("json");
      const at = now();
      checkExpiry(input.expires_at, at);
      const { rootId, jurisdiction } = actor;
      const made = await createApiKey({ peppers: secrets.peppers, jurisdiction, rootId, random });
      const { key: row, change } = await createKey({
        database,
        actor,
        now: at,
        key: made,
        input: { ...input, organizationId: input.organization_id, expiresAt: input.expires_at },
      });
      // Stored is made, whatever the Ledger says: this answer is the only one that ever holds the key.
      await pushChange(dependencies, { jurisdiction, requestId: context.get("requestId") }, change);
      const [body] = await bodies(actor, [row], at);
      return context.json({ ...body, key: made.key }, 201);
    })
    .get("/:id", async (context) => {
      const id = pathId("key", context.req.param("id"));
      const caller = context.get("caller");
      const [body] = await bodies(caller, [await getKey(database, caller, id)], now());
      return context.json(body);
    })
    .post("/:id/revoke", async (context) => {
      const actor = context.get("caller");
      const id = pathId("key", context.req.param("id"));
      const { key, change } = await revokeKey({ database, actor, now: now(), id });
      if (!(await pushChange(dependencies, { ...actor, requestId: context.get("requestId") }, change))) {
        throw new GatewayError(
          "ledger_unavailable",
          "The key is marked as revoked, but the edge could not be told yet. Send this request again.",
          { retryAfter: 1 },
        );
      }
      const [body] = await bodies(actor, [key], now());
      return context.json(body);
    });
}
