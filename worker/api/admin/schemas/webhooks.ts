import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { actor, id, instant, page, pending, removed, version } from "./common.ts";

const fields = {
  id: id("whk"),
  organization_id: id("org").describe("It is told of this organization and those below."),
  url: z.string(),
  events: z.array(z.string()).describe("None: all of them."),
  disabled: z.boolean(),
  disabled_at: instant.nullable(),
  created_by: actor,
  created_at: instant,
  version,
};

const webhook = z.strictObject(fields).meta({ id: "Webhook" });
const changed = z.strictObject({ ...fields, pending }).meta({ id: "ChangedWebhook" });
const withSecret = z
  .strictObject({ ...fields, secret: z.string().describe("Signs what is sent. Shown this once."), pending })
  .meta({ id: "WebhookWithSecret" });

const delivery = z
  .strictObject({
    id: id("dlv"),
    attempt: z.int(),
    event: z.string(),
    body: z.record(z.string(), z.unknown()),
    at: instant,
    status: z.int().nullable().describe("What the receiver answered; null: nothing."),
    error: z.string().nullable(),
    duration_ms: z.int().nullable(),
    delivered: z.boolean(),
    next_at: instant.nullable().describe("When it is tried again; null: not any more."),
  })
  .meta({ id: "Delivery" });

export const webhookOperations = group({
  tag: "Webhooks",
  about: "Where the limit events of the caller's organizations are sent, signed.",
  pathId: "whk",
  operations: {
    "GET /api/webhooks": {
      id: "listWebhooks",
      summary: "List webhooks",
      answers: { 200: page(webhook) },
      errors: [404],
    },
    "POST /api/webhooks": {
      id: "createWebhook",
      summary: "Create a webhook",
      answers: { 201: withSecret },
      errors: [404, 409],
      etag: true,
    },
    "GET /api/webhooks/:id": { id: "getWebhook", summary: "Get a webhook", answers: { 200: webhook }, etag: true },
    "PATCH /api/webhooks/:id": {
      id: "updateWebhook",
      summary: "Change a webhook",
      answers: { 200: changed },
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/webhooks/:id": {
      id: "deleteWebhook",
      summary: "Delete a webhook",
      answers: { 200: removed("whk") },
      ifMatch: true,
    },
    "POST /api/webhooks/:id/rotate": {
      id: "rotateWebhookSecret",
      summary: "Give a webhook another secret",
      answers: { 200: withSecret },
      etag: true,
      ifMatch: true,
    },
    "POST /api/webhooks/:id/test": {
      id: "testWebhook",
      summary: "Send a webhook a test event",
      answers: {
        202: z.strictObject({ id: id("whk"), event: z.literal("webhook.test") }).meta({ id: "WebhookTest" }),
      },
      errors: [409],
    },
    "GET /api/webhooks/:id/deliveries": {
      id: "listDeliveries",
      summary: "List attempts to deliver",
      answers: { 200: page(delivery) },
    },
  },
});
