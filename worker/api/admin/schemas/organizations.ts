import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { asOf, count, id, instant, nano, page, pending, removed, usd, version } from "./common.ts";
import { limit, limitStanding } from "./limits.ts";
import { ownPrice } from "./prices.ts";
import { route } from "./routes.ts";
import { sum } from "./stats.ts";

const fields = {
  id: id("org"),
  parent_id: id("org").nullable().describe("null: it is the root."),
  name: z.string(),
  time_zone: z.string().describe("IANA name; windows of days, weeks and months follow its clocks."),
  created_at: instant,
  archived_at: instant.nullable(),
  version,
};

export const organization = z.strictObject(fields).meta({ id: "Organization" });

const figures = z
  .strictObject({
    month: z
      .strictObject({ since: instant, requests: sum, cost_nano: sum, cost_usd: usd })
      .describe("Of the calendar month, by the organization's own clocks."),
    keys: count.describe("Not revoked."),
    members: count.describe("People with a role on one of them."),
    limit: limitStanding
      .nullable()
      .describe("Of the limits of money for a day or longer, its own or inherited, the one that is used up furthest."),
    limit_known: z.boolean().describe("`false`: the Ledger could not be reached, and `limit` says nothing."),
  })
  .meta({ id: "OrganizationFigures", description: "What it and all below it come to." });
const figuresOrNull = figures.nullable().describe("null where they were not asked for.");

const listed = z
  .strictObject({ ...fields, children: count.describe("Organizations right below it."), figures: figuresOrNull })
  .meta({ id: "ListedOrganization" });

const allowance = z.union([
  z.literal("block"),
  z.strictObject({ cost_nano: nano, cost_usd: usd, seconds: z.int().describe("For how long.") }),
]);

const modelAccess = z
  .strictObject({
    mode: z.enum(["all", "listed"]).describe("What holds for a model that neither list names."),
    enabled: z.array(z.string()),
    disabled: z.array(z.string()),
  })
  .meta({ id: "ModelAccess", description: "`provider/model` or `provider/*`; of two alike `disabled` counts." });

const settings = z
  .strictObject({
    default_output_tokens: z.int().nullable().describe("The output cap of a request that names none."),
    max_output_tokens: z.int().nullable().describe("The most output tokens that a request may ask for."),
    lower_caps: z.boolean().nullable().describe("A request that does not fit may be sent with a lower output cap."),
    least_output_tokens: z.int().nullable().describe("No cap is lowered below this."),
    wait_seconds: z.int().nullable().describe("How long a request may wait for room in a limit."),
    on_ledger_down: allowance.nullable().describe("What may be spent while the Ledger cannot be reached."),
    model_access: modelAccess.nullable(),
  })
  .meta({ id: "OrganizationSettings", description: "What an organization decides; null where it inherits." });

const effective = <Schema extends z.ZodType>(value: Schema) =>
  z.strictObject({ value, source: z.string().describe("The organization it comes from, or `default`.") });

const effectiveSettings = z
  .strictObject({
    default_output_tokens: effective(z.int().nullable()),
    max_output_tokens: effective(z.int().nullable()),
    lower_caps: effective(z.boolean().nullable()),
    least_output_tokens: effective(z.int().nullable()),
    wait_seconds: effective(z.int().nullable()),
    on_ledger_down: effective(allowance.nullable()),
    model_access: z
      .array(effective(modelAccess))
      .describe("The nearest first; a model may be used where every one of them allows it."),
  })
  .meta({ id: "EffectiveSettings" });

const archivedBy = id("org").nullable().describe("The nearest archived organization from here up; null: none.");

const standing = {
  limits: z.array(limit),
  routes: z.array(route),
  prices: z.array(ownPrice),
};

const changed = z.strictObject({ ...fields, pending }).meta({ id: "ChangedOrganization" });

const organizationWithSettings = z
  .strictObject({ ...fields, archived_by: archivedBy, settings, effective: effectiveSettings, figures: figuresOrNull })
  .meta({ id: "OrganizationDetail" });

const gainedAndLost = <Schema extends z.ZodType>(entries: Schema) => z.strictObject({ gained: entries, lost: entries });

/** What another place in the tree changes. */
export const changesOfPlace = {
  archived_by: z.strictObject({ before: archivedBy, after: archivedBy }),
  settings: z.array(
    z.strictObject({
      setting: effectiveSettings.keyof(),
      before: z.unknown(),
      after: z.unknown(),
    }),
  ),
  limits: gainedAndLost(standing.limits),
  routes: gainedAndLost(standing.routes),
  prices: gainedAndLost(standing.prices),
};

const moved = z
  .strictObject({
    dry_run: z.boolean(),
    organization,
    organizations: count.describe("How many organizations move, it included."),
    keys: count.describe("How many keys move."),
    ...changesOfPlace,
    pending,
  })
  .meta({ id: "OrganizationMove" });

export const organizationOperations = group({
  tag: "Organizations",
  about: "A tree of up to eight levels. Keys, limits, prices and routes hang in it, and hold for everything below.",
  pathId: "org",
  operations: {
    "GET /api/organizations": {
      id: "listOrganizations",
      summary: "List organizations",
      description: "Those the caller sees; with `parent`, those right below one, and `ancestors` up from there.",
      answers: {
        200: page(listed).extend({ ancestors: z.array(listed).describe("From the root down, of what is shown.") }),
      },
    },
    "POST /api/organizations": {
      id: "createOrganization",
      summary: "Create an organization",
      answers: { 201: organization },
      errors: [404],
      etag: true,
    },
    "GET /api/organizations/:id": {
      id: "getOrganization",
      summary: "Get an organization",
      description: "With its settings, and what is in force.",
      answers: { 200: organizationWithSettings },
      etag: true,
    },
    "PATCH /api/organizations/:id": {
      id: "updateOrganization",
      summary: "Change an organization",
      description: "What is not named stays; a setting of `null` is inherited from now on.",
      answers: { 200: z.strictObject({ ...fields, settings, pending }) },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "GET /api/organizations/:id/effective": {
      id: "getEffectiveOrganization",
      summary: "What holds for an organization",
      description: "Settings, limits, routes and prices, its own and inherited: each names where it comes from.",
      answers: {
        200: z
          .strictObject({
            organization_id: id("org"),
            archived_by: archivedBy,
            settings: effectiveSettings,
            ...standing,
            as_of: asOf,
          })
          .meta({ id: "EffectiveOrganization" }),
      },
    },
    "GET /api/organizations/:id/impact": {
      id: "getOrganizationImpact",
      summary: "What archiving or deleting would stop",
      answers: {
        200: z
          .strictObject({
            organizations: count,
            keys: count,
            members: count,
            last_24h: z.strictObject({
              since: instant.describe("The hour in which the last 24 began."),
              requests: count,
              cost_nano: nano,
              cost_usd: usd,
            }),
            last_used_at: instant.nullable(),
            as_of: asOf,
          })
          .meta({ id: "OrganizationImpact" }),
      },
    },
    "POST /api/organizations/:id/move": {
      id: "moveOrganization",
      summary: "Move an organization",
      description: "A preview of what changes for it and everything below, unless `dry_run` is `false`.",
      answers: { 200: moved },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "POST /api/organizations/:id/archive": {
      id: "archiveOrganization",
      summary: "Archive an organization",
      description: "Nothing in it or below may spend any more.",
      answers: { 200: changed },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "POST /api/organizations/:id/restore": {
      id: "restoreOrganization",
      summary: "Take an archiving back",
      answers: { 200: changed },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/organizations/:id": {
      id: "deleteOrganization",
      summary: "Delete an organization",
      description: "Only when nothing is left in it: 409 `not_empty` otherwise.",
      answers: { 200: removed("org") },
      errors: [409],
      ifMatch: true,
    },
  },
});
