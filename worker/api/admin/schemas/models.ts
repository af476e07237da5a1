import { z } from "zod";
import { MODEL_KINDS } from "../../../catalog/models.ts";
import { group } from "../../contract/operation.ts";
import { actor, count, error, id, instant, page, pending, usd } from "./common.ts";
import { ownPrice } from "./prices.ts";
import { sum } from "./stats.ts";

const name = z.string().describe("`provider/model`, as it is sent upstream.");
const source = z.enum(["shipped", "custom", "synced"]);
const tokens = z.int().nullable();
const words = z.array(z.string()).readonly().nullable();
const day = z.iso.date().nullable();

const fields = {
  id: name,
  provider: z.string(),
  upstream_model: z.string(),
  source: source.describe("`shipped`: the catalogue has it, and nothing else is said of it."),
  shipped: z.boolean(),
  display_name: z.string(),
  kind: z.enum(MODEL_KINDS),
  context_window: tokens,
  max_input_tokens: tokens,
  max_output_tokens: tokens,
  input_modalities: words,
  output_modalities: words,
  capabilities: z.record(z.string(), z.unknown()).describe("What is not known is left out."),
  endpoints: words,
  release_date: day,
  deprecation_date: day,
  gone_since: day.describe("Since then it is in its provider's list no more."),
  sources: z
    .record(z.string(), z.enum(["custom", "synced"]))
    .describe("Where each fact comes from that is not as shipped."),
  price: ownPrice.nullable().describe("What it costs now."),
  free: z.boolean().describe("No part of its price costs anything; what has no price is not free."),
  enabled: z.boolean(),
  disabled_by: z
    .strictObject({ organization_id: id("org"), name: z.string() })
    .nullable()
    .describe("The highest organization whose rule does not allow it."),
  version: z.int().min(0).describe("Counts its changes, also as `ETag`, for `If-Match`; 0: there are none."),
  created_by: actor.nullable(),
  updated_at: instant.nullable(),
};

const model = z.strictObject(fields).meta({ id: "KnownModel", description: "A model as one organization has it." });
const figures = z
  .strictObject({
    since: instant.describe("The hour in which the last 30 days began, from which on it is counted."),
    requests: sum,
    errors: sum,
    error_rate: z.number().nullable().describe("null: of nothing."),
    ttft_ms_p50: z.number().nullable().describe("Median of milliseconds until the provider's first byte."),
    cost_nano: sum,
    cost_usd: usd,
  })
  .meta({ id: "ModelFigures", description: "What an organization and all below it used a model for lately." });
const listed = z
  .strictObject({ ...fields, figures: figures.nullable().describe("null where they were not asked for.") })
  .meta({ id: "ListedModel" });
const changed = z.strictObject({ ...fields, pending }).meta({ id: "ChangedModel" });

const result = z.strictObject({
  id: z.string(),
  status: z.int().describe("HTTP status of its own."),
  error: error.shape.error.nullable(),
});
const results = { results: z.array(result), succeeded: count, failed: count };
const dismissed = z.strictObject(results).meta({ id: "ModelChangeResults" });

const list = z
  .strictObject({
    provider: z.string(),
    attempted_at: instant,
    failure: z.string().nullable().describe("Why it could not be read, in a word that stays."),
    read_at: instant.nullable(),
    simulated: z.boolean(),
  })
  .meta({ id: "ModelList" });

const kind = z.enum(["new", "changed", "gone"]);

const change = z
  .strictObject({
    id: z.string().meta({ pattern: "^chg_[0-9a-f]{16}$" }),
    kind,
    model: name,
    provider: z.string(),
    fields: z.array(z.strictObject({ field: z.string(), before: z.unknown(), after: z.unknown() })),
    dismissed: z.boolean(),
    read_at: instant.nullable(),
    simulated: z.boolean(),
  })
  .meta({ id: "ModelChange", description: "What a provider's list says and is not known, or known otherwise." });

export const modelOperations = group({
  tag: "Models",
  about:
    "What is known of models, by whom, what they cost, and who may use them. A path names one as `openai%2Fgpt-6-sol`.",
  pathId: "model",
  operations: {
    "GET /api/models": {
      id: "listKnownModels",
      summary: "List models",
      answers: { 200: page(listed).extend({ total: count.describe("How many fit, on all pages.") }) },
    },
    "POST /api/models": {
      id: "createModel",
      summary: "Create a model",
      answers: { 201: changed },
      errors: [409],
      etag: true,
    },
    "POST /api/models/bulk": {
      id: "switchModels",
      summary: "Enable or disable models",
      answers: {
        200: z.strictObject({ organization_id: id("org"), ...results, pending }).meta({ id: "SwitchedModels" }),
      },
    },
    "GET /api/models/:id": { id: "getKnownModel", summary: "Get a model", answers: { 200: model }, etag: true },
    "PATCH /api/models/:id": {
      id: "updateModel",
      summary: "Change what is known of a model",
      description: "What is not named stays; `null` takes away what was set.",
      answers: { 200: changed },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/models/:id": {
      id: "deleteModel",
      summary: "Take away what was set of a model",
      answers: { 200: z.strictObject({ id: name, removed: z.literal(true), pending }) },
      errors: [409],
      ifMatch: true,
    },
    "GET /api/models/sync": {
      id: "listModelLists",
      summary: "When providers' lists were read",
      answers: { 200: page(list) },
    },
    "POST /api/models/sync": {
      id: "readModelLists",
      summary: "Read providers' lists now",
      answers: {
        200: z
          .strictObject({
            done: count,
            total: count,
            failed: count,
            providers: z.array(
              z.strictObject({
                provider: z.string(),
                outcome: z
                  .enum(["read", "failed", "recent"])
                  .describe("`recent`: it was read, or tried, a moment ago."),
                failure: z.string().nullable(),
                models: z.int().nullable().describe("How many it names."),
                simulated: z.boolean(),
              }),
            ),
          })
          .meta({ id: "ModelSync" }),
      },
    },
    "GET /api/models/changes": {
      id: "listModelChanges",
      summary: "What providers' lists say that is new",
      answers: {
        200: page(change).extend({
          counts: z.strictObject({ new: count, changed: count, gone: count }),
          lists: z.array(list),
        }),
      },
    },
    "POST /api/models/changes/accept": {
      id: "acceptModelChanges",
      summary: "Take changes over",
      answers: { 200: z.strictObject({ ...results, pending }).meta({ id: "AcceptedModelChanges" }) },
    },
    "POST /api/models/changes/dismiss": {
      id: "dismissModelChanges",
      summary: "Dismiss changes",
      answers: { 200: dismissed },
    },
    "POST /api/models/changes/restore": {
      id: "restoreModelChanges",
      summary: "Take a dismissing back",
      answers: { 200: dismissed },
    },
  },
});
