import { z } from "zod";
import { LIMIT_METRICS, LIMIT_WINDOWS } from "../../../canonical/tenant.ts";
import { count, id, instant, nano, usd } from "../../admin/schemas/common.ts";
import { ownRequest } from "../../admin/schemas/requests.ts";
import type { InferenceGroup } from "./operation.ts";

const openaiModel = z.strictObject({
  id: z.string(),
  object: z.literal("model"),
  created: z.int().describe("Seconds since the epoch; 0: not known."),
  owned_by: z.string(),
  shutdown_date: z.string().optional(),
});

const anthropicModel = z.looseObject({
  type: z.literal("model"),
  id: z.string(),
  display_name: z.string(),
  created_at: z.string(),
});

const googleModel = z.looseObject({ name: z.string(), version: z.string(), displayName: z.string() });

const model = z.union([openaiModel, anthropicModel, googleModel]).meta({
  id: "Model",
  description: "In the shape of the client's vendor, which its headers tell; OpenAI's otherwise.",
});

const models = z
  .union([
    z.strictObject({ object: z.literal("list"), data: z.array(openaiModel) }),
    z.strictObject({
      data: z.array(anthropicModel),
      has_more: z.boolean(),
      first_id: z.string().nullable(),
      last_id: z.string().nullable(),
    }),
    z.strictObject({ models: z.array(googleModel), nextPageToken: z.string().optional() }),
  ])
  .meta({
    id: "Models",
    description: "In the shape of the client's vendor, which its headers tell; OpenAI's otherwise.",
  });

const whole = z.number().min(0);
const usdOrNull = usd.nullable();

const ownLimit = z
  .strictObject({
    id: id("lim"),
    of: z.enum(["key", "organization", "above"]),
    metric: z.enum(LIMIT_METRICS),
    window: z.enum(LIMIT_WINDOWS),
    mode: z.enum(["block", "warn"]),
    amount: whole,
    used: whole,
    held: whole,
    remaining: whole,
    amount_usd: usdOrNull,
    used_usd: usdOrNull,
    held_usd: usdOrNull,
    remaining_usd: usdOrNull,
    state: z.enum(["ok", "warned", "exhausted"]),
    resets_at: instant.nullable(),
  })
  .meta({ id: "OwnLimit" });

const usage = z
  .strictObject({
    from: instant.nullable(),
    until: instant.nullable(),
    requests: count,
    input_tokens: count,
    output_tokens: count,
    cost_nano: nano,
    cost_usd: usd,
    held_nano: nano.describe("What requests under way may cost at most."),
    held_usd: usd,
  })
  .meta({ id: "OwnUsage" });

const ownKey = z
  .strictObject({
    object: z.literal("key"),
    id: id("key"),
    name: z.string(),
    organization: z.strictObject({ id: id("org"), name: z.string() }),
    permissions: z.array(z.enum(["read", "write", "admin"])),
    expires_at: instant.nullable(),
    replaced_expires_at: instant
      .nullable()
      .describe("Set where the key was rotated and this text of it is the old one."),
    models: z.array(z.string()).nullable(),
    ip_ranges: z.array(z.string()).nullable(),
    origins: z.array(z.string()).nullable(),
    limits: z.array(ownLimit),
    usage: z.strictObject({ today: usage, this_month: usage }),
    as_of: instant,
  })
  .meta({ id: "OwnKey" });

const checked = z.strictObject({ ok: z.boolean(), milliseconds: z.number() });

const health = z
  .strictObject({
    status: z.enum(["ok", "unavailable"]),
    checks: z.strictObject({
      ledger: checked,
      database: z.union([checked, z.strictObject({ skipped: z.literal(true) })]),
    }),
  })
  .meta({ id: "Health" });

const googlePage = z.strictObject({
  pageSize: z.int().min(1).optional().describe("Google's paging."),
  pageToken: z.string().optional(),
});

const anyPage = googlePage.extend({
  limit: z.int().min(1).max(1000).optional().describe("Anthropic's paging."),
  after_id: z.string().optional(),
  before_id: z.string().optional(),
});

const PATH = { model: "`{provider}/{model}`, or a route's name; its slash written `%2F`, or as it is." };

export const gatewayOperations: InferenceGroup = {
  tag: "Gateway",
  about: "What a key can call, what binds it, what became of its requests, and how the gateway is.",
  operations: {
    "GET /v1/models": {
      id: "listModels",
      summary: "Models that a key can call",
      dialect: "openai-chat",
      permission: "read",
      query: anyPage,
      answers: { 200: models },
    },
    "GET /v1/models/{model}": {
      id: "getModel",
      summary: "A model",
      dialect: "openai-chat",
      permission: "read",
      path: PATH,
      answers: { 200: model },
    },
    "GET /v1beta/models": {
      id: "listGoogleModels",
      summary: "Models, in Google's shape",
      dialect: "google-generate-content",
      permission: "read",
      query: googlePage,
      answers: {
        200: z
          .strictObject({ models: z.array(googleModel), nextPageToken: z.string().optional() })
          .meta({ id: "GoogleModels" }),
      },
    },
    "GET /v1beta/models/{model}": {
      id: "getGoogleModel",
      summary: "A model, in Google's shape",
      dialect: "google-generate-content",
      permission: "read",
      path: PATH,
      answers: { 200: googleModel.meta({ id: "GoogleModel" }) },
    },
    "GET /v1/key": {
      id: "getOwnKey",
      summary: "What binds a key",
      description: "As its Ledger has it at this moment.",
      dialect: "openai-chat",
      permission: "read",
      answers: { 200: ownKey },
    },
    "GET /v1/requests/{id}": {
      id: "getOwnRequest",
      summary: "One of a key's own requests",
      description: "By the `x-request-id` of its answer, a second or two after its end.",
      dialect: "openai-chat",
      permission: "read",
      path: { id: "A ULID." },
      answers: { 200: ownRequest },
    },
    "GET /health": {
      id: "getHealth",
      summary: "How the gateway is",
      description: "503 when the Ledger does not answer; the database alone does not make it one.",
      dialect: "openai-chat",
      permission: null,
      query: z.strictObject({
        database: z.literal("skip").optional().describe("Leaves a sleeping database asleep."),
      }),
      answers: { 200: health, 503: health },
    },
    "GET /": {
      id: "getAbout",
      summary: "What there is",
      dialect: "openai-chat",
      permission: null,
      answers: { 200: z.strictObject({ name: z.string(), endpoints: z.array(z.string()) }).meta({ id: "About" }) },
    },
  },
};
