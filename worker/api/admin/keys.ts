import { Hono } from "hono";
import { z } from "zod";
import { createApiKey } from "../../auth/api-key.ts";
import { GatewayError } from "../../errors.ts";
import { usdFromNano } from "../../lib/money.ts";
import {
  changeKey,
  changeKeys,
  disable,
  enable,
  endOverlap,
  type KeyAct,
  revoke,
  rotate,
  update,
} from "../../organizations/key-changes.ts";
import { getKey } from "../../organizations/key-views.ts";
import { createKey, requireOwner } from "../../organizations/keys.ts";
import { moveKeys } from "../../organizations/move-keys.ts";
import { keyUsageSince } from "../../usage/key-usage.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { keyBody } from "./key-body.ts";
import { actOf, bulkAct, bulkBody } from "./key-bulk.ts";
import { allowed, checkGrant, checkOwner } from "./key-guards.ts";
import { movedKey, moveKey } from "./key-move.ts";
import { keyFigures, keyQuery, pageOfKeys } from "./key-query.ts";
import { changedTerms, checkExpiry, newTerms, termsOf } from "./key-terms.ts";
import { figuresField, listBody } from "./list.ts";
import { isPending, pushChange } from "./push.ts";
import { idSchema, jsonBody, pathId, query, requireChange } from "./validate.ts";

const newKey = z.strictObject({
  ...newTerms,
  organization_id: idSchema("org").optional().describe("The caller's own organization when left out."),
});

const oneQuery = z.strictObject({ figures: figuresField });

const MOST_OVERLAP = 259_200;

const rotation = z.strictObject({
  overlap_seconds: z
    .int("Must be a whole number of seconds")
    .min(0, "Must not be negative")
    .max(MOST_OVERLAP, `Must be at most ${MOST_OVERLAP}, three days`)
    .describe("How long the old text goes on working: three days at most, 0 for not at all."),
});

const DAY_MS = 86_400_000;

const untold = (what: string) =>
  new GatewayError(
    "ledger_unavailable",
    `${what} marked as revoked, but the edge could not be told yet. Send this request again.`,
    { retryAfter: 1 },
  );

/** `/api/keys`: virtual keys of the caller's organizations. */
export function keyRoutes(dependencies: AdminDependencies) {
  const { database, secrets, now, random } = dependencies;

  /** Does one thing with the key of the path, and answers how it is then. */
  async function changed<More extends { key?: string }>(context: AdminContext, id: string, act: KeyAct, more: More) {
    const at = now();
    const check = ifMatch(context);
    const actor = context.get("caller");
    const does = allowed(actor, act);
    const { key, change } = await changeKey({
      ...{ database, actor, now: at, id },
      act: (row, time, by) => {
        check(row.version);
        return does(row, time, by);
      },
    });
    const pending = await isPending(dependencies, context, change);
    sendVersion(context, key.version);
    return context.json({ ...keyBody(key, at), ...more, pending });
  }

  return new Hono<AdminEnv>()
    .get("/", query(keyQuery), async (context) => {
      const asked = context.req.valid("query");
      const at = now();
      const page = await pageOfKeys(dependencies, context, asked, at);
      const figures = asked.figures ? await keyFigures(dependencies, context, page.rows, at) : null;
      return context.json(
        listBody(page, at, (row) => ({ ...keyBody(row, at), figures: figures?.get(row.id) ?? null })),
      );
    })
    .post("/", jsonBody(newKey), async (context) => {
      const actor = context.get("caller");
      const { organization_id: organizationId, owner, ...given } = context.req.valid("json");
      const { expires_at: expiresAt, ip_ranges: ipRanges, ...same } = given;
      const at = now();
      checkGrant(actor, given.permissions);
      if (owner !== `user:${actor.id}`) checkOwner(actor, owner);
      checkExpiry(expiresAt, at);
      const { rootId, jurisdiction, signedIn } = actor;
      const terms = {
        ...{ ...same, expiresAt, ipRanges },
        owner: owner ?? (signedIn === null ? "service" : `user:${signedIn.user.id}`),
      };
      const made = await createApiKey({ peppers: secrets.peppers, jurisdiction, rootId, random });
      const { key, change } = await createKey({ database, actor, now: at, key: made, organizationId, terms });
      // Stored is made, whatever the Ledger says: this answer is the only one that ever holds the key.
      await pushChange(dependencies, { jurisdiction, requestId: context.get("requestId") }, change);
      sendVersion(context, key.version);
      return context.json({ ...keyBody(key, at), key: made.key }, 201);
    })
    .post("/bulk", jsonBody(bulkAct), async (context) => {
      const bulk = context.req.valid("json");
      const at = now();
      checkExpiry(bulk.expires_at, at);
      const actor = context.get("caller");
      const keys = { database, actor, now: at, ids: bulk.ids };
      const { action, organization_id: organizationId = "" } = bulk;
      const made =
        action === "move"
          ? await moveKeys({ ...keys, organizationId, allowed: (act) => allowed(actor, act) })
          : await changeKeys({ ...keys, act: allowed(actor, actOf({ ...bulk, action })) });
      const pending = made.change !== null && (await isPending(dependencies, context, made.change));
      if (pending && bulk.action === "revoke") throw untold("The keys are");
      return context.json({ ...bulkBody(bulk.ids, made, at), pending });
    })
    .get("/:id", query(oneQuery), async (context) => {
      const id = pathId("key", context.req.param("id"));
      const at = now();
      const key = await getKey(database, context.get("caller"), id);
      const wanted = context.req.valid("query").figures;
      const figures = wanted ? await keyFigures(dependencies, context, [key], at) : null;
      sendVersion(context, key.version);
      return context.json({ ...keyBody(key, at), figures: figures?.get(id) ?? null });
    })
    .get("/:id/impact", async (context) => {
      const at = now();
      const { rootId, lastUsedAt, id } = await getKey(
        database,
        context.get("caller"),
        pathId("key", context.req.param("id")),
      );
      const used = await keyUsageSince(database, { rootId, keyId: id }, at - DAY_MS);
      return context.json({
        id,
        last_used_at: lastUsedAt?.toISOString() ?? null,
        /** The hour in which the last 24 began: sums are kept by the hour. */
        since: used.since.toISOString(),
        requests: used.requests,
        errors: used.errors,
        cost_nano: used.costNano,
        cost_usd: usdFromNano(used.costNano),
        as_of: new Date(at).toISOString(),
      });
    })
    .patch("/:id", jsonBody(changedTerms), async (context) => {
      const id = pathId("key", context.req.param("id"));
      const body = context.req.valid("json");
      requireChange(body);
      checkExpiry(body.expires_at, now());
      checkGrant(context.get("caller"), body.permissions ?? []);
      checkOwner(context.get("caller"), body.owner);
      if (body.owner !== undefined) await requireOwner(database, context.get("caller"), body.owner);
      return changed(context, id, update(termsOf(body)), {});
    })
    .post("/:id/disable", (context) => changed(context, pathId("key", context.req.param("id")), disable, {}))
    .post("/:id/enable", (context) => changed(context, pathId("key", context.req.param("id")), enable, {}))
    .post("/:id/rotate", jsonBody(rotation), async (context) => {
      const id = pathId("key", context.req.param("id"));
      const { overlap_seconds: overlap } = context.req.valid("json");
      const { rootId, jurisdiction } = context.get("caller");
      const made = await createApiKey({ peppers: secrets.peppers, jurisdiction, rootId, random, keyId: id });
      return changed(context, id, rotate(made, overlap), { key: made.key });
    })
    .post("/:id/end-overlap", (context) => changed(context, pathId("key", context.req.param("id")), endOverlap, {}))
    .post("/:id/move", jsonBody(movedKey), (context) => {
      const act = { context, id: pathId("key", context.req.param("id")), wanted: context.req.valid("json") };
      return moveKey(dependencies, { ...act, allowed: (does) => allowed(context.get("caller"), does) });
    })
    .post("/:id/revoke", async (context) => {
      const actor = context.get("caller");
      const id = pathId("key", context.req.param("id"));
      const at = now();
      const check = ifMatch(context);
      const { key, change } = await changeKey({
        ...{ database, actor, now: at, id },
        act: (row, time, by) => {
          // One that is revoked stays so: whoever was told to send this again has seen a version of before.
          if (row.revokedAt === null) check(row.version);
          return allowed(actor, revoke)(row, time, by);
        },
      });
      if (await isPending(dependencies, context, change)) throw untold("The key is");
      sendVersion(context, key.version);
      return context.json(keyBody(key, at));
    });
}
