import { z } from "zod";
import { KEY_STATES } from "../../../organizations/key-list.ts";
import { group } from "../../contract/operation.ts";
import { actor, asOf, count, error, id, instant, nano, page, pending, usd, version } from "./common.ts";
import { limitStanding } from "./limits.ts";
import { changesOfPlace } from "./organizations.ts";
import { sum } from "./stats.ts";

const fields = {
  id: id("key"),
  kind: z
    .enum(["api", "playground"])
    .describe("`playground`: behind a member's playground; it has no text, and is disabled, enabled and revoked only."),
  organization_id: id("org"),
  organization_name: z.string(),
  organization_archived: z.boolean(),
  name: z.string(),
  hint: z.string().describe("The key's first twelve and last four characters."),
  previous: z
    .strictObject({ hint: z.string().nullable(), expires_at: instant })
    .nullable()
    .describe("Its text before a rotation, while both open."),
  permissions: z.array(z.enum(["read", "write", "admin"])),
  strict: z.boolean().describe("A revocation holds everywhere at once, at the price of a check for each request."),
  models: z.array(z.string()).nullable().describe("What it may ask for; null: everything."),
  ip_ranges: z.array(z.string()).nullable().describe("From where it may be used; null: anywhere."),
  origins: z.array(z.string()).nullable().describe("Web pages that may use it; null: none."),
  tags: z.array(z.string()),
  owner: z.string().describe("`service`, or `user:` and a person's id."),
  note: z.string().nullable(),
  status: z.enum(KEY_STATES),
  created_by: actor,
  created_at: instant,
  updated_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  disabled_at: instant.nullable(),
  disabled_by: actor.nullable(),
  revoked_at: instant.nullable(),
  version,
};

const key = z.strictObject(fields).meta({ id: "Key", description: "A virtual key; never the key itself." });
const figures = z
  .strictObject({
    since: instant.describe("The hour in which the last 30 days began, from which on it is counted."),
    requests: sum,
    errors: sum,
    cost_nano: sum,
    cost_usd: usd,
    limit: limitStanding.nullable().describe("Of its own limits for a day or longer the one that is used up furthest."),
    rates: z.array(limitStanding).describe("Its own limits for a minute, an hour, and of requests at a time."),
    inherited_limit: limitStanding.nullable().describe("The same of those above it, as far as the caller sees them."),
    limits_known: z.boolean().describe("`false`: the Ledger could not be reached, and nothing is said of limits."),
  })
  .meta({ id: "KeyFigures", description: "What a key has used lately, and how its limits stand." });
const listed = z
  .strictObject({ ...fields, figures: figures.nullable().describe("null where they were not asked for.") })
  .meta({ id: "ListedKey" });
const changed = z.strictObject({ ...fields, pending }).meta({ id: "ChangedKey" });
const text = z.string().describe("The key itself. No other answer ever holds it.");
const moved = z
  .strictObject({
    dry_run: z.boolean(),
    key,
    ...changesOfPlace,
    models_not_allowed: z
      .array(z.string())
      .describe("What the key lists, and the organizations above its new place do not allow, or not all of."),
    pending,
  })
  .meta({ id: "KeyMove" });
const change = { answers: { 200: changed }, errors: [409], etag: true, ifMatch: true } as const;

export const keyOperations = group({
  tag: "Keys",
  about: "Virtual keys: what they may do, from where, for which models, and how they are replaced and ended.",
  pathId: "key",
  operations: {
    "GET /api/keys": {
      id: "listKeys",
      summary: "List keys",
      answers: { 200: page(listed) },
      errors: [404],
    },
    "POST /api/keys": {
      id: "createKey",
      summary: "Create a key",
      description: "The answer is the only one that ever holds the key itself, in `key`.",
      answers: { 201: z.strictObject({ ...fields, key: text }).meta({ id: "NewKey" }) },
      errors: [404, 409],
      etag: true,
    },
    "GET /api/keys/:id": { id: "getKey", summary: "Get a key", answers: { 200: listed }, etag: true },
    "GET /api/keys/:id/impact": {
      id: "getKeyImpact",
      summary: "What ending a key would stop",
      answers: {
        200: z
          .strictObject({
            id: id("key"),
            last_used_at: instant.nullable(),
            since: instant.describe("The hour in which the last 24 began."),
            requests: count,
            errors: count,
            cost_nano: nano,
            cost_usd: usd,
            as_of: asOf,
          })
          .meta({ id: "KeyImpact" }),
      },
    },
    "PATCH /api/keys/:id": {
      id: "updateKey",
      summary: "Change a key",
      description: "What is not named stays; `null` clears.",
      ...change,
    },
    "POST /api/keys/:id/disable": { id: "disableKey", summary: "Stop a key", ...change },
    "POST /api/keys/:id/enable": { id: "enableKey", summary: "Take a disabling back", ...change },
    "POST /api/keys/:id/rotate": {
      id: "rotateKey",
      summary: "Give a key another text",
      description: "The old text goes on working for `overlap_seconds`.",
      ...change,
      answers: { 200: z.strictObject({ ...fields, key: text, pending }).meta({ id: "RotatedKey" }) },
    },
    "POST /api/keys/:id/end-overlap": {
      id: "endKeyOverlap",
      summary: "Let the text before a rotation open nothing",
      ...change,
    },
    "POST /api/keys/:id/move": {
      id: "moveKey",
      summary: "Move a key to another organization",
      description:
        "A preview of what changes for it, unless `dry_run` is `false`. What it has used stays counted where it was used.",
      ...change,
      answers: { 200: moved },
    },
    "POST /api/keys/:id/revoke": {
      id: "revokeKey",
      summary: "End a key for good",
      description: "503 `ledger_unavailable` when the edge could not be told: send it again.",
      answers: { 200: key },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "POST /api/keys/bulk": {
      id: "changeKeys",
      summary: "Do one thing with many keys",
      description: "Each for itself: the answer says of each what its own request would have been answered.",
      answers: {
        200: z
          .strictObject({
            results: z.array(
              z.strictObject({
                id: id("key"),
                status: z.int().describe("HTTP status of its own."),
                key: key.nullable(),
                error: error.shape.error.nullable(),
              }),
            ),
            succeeded: count,
            failed: count,
            pending,
          })
          .meta({ id: "BulkChange" }),
      },
    },
  },
});
