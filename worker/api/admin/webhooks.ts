import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { isPublicHost } from "../../lib/public-host.ts";
import type { WebhookRow } from "../../organizations/records.ts";
import { DELIVERY_SORTS, listDeliveries } from "../../organizations/webhook-deliveries.ts";
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  listWebhooks,
  removeWebhook,
  rotateSecret,
  WEBHOOK_SORTS,
} from "../../organizations/webhooks.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { listBody, listSchema } from "./list.ts";
import { isPending } from "./push.ts";
import { idSchema, jsonBody, pathId, query, requireChange, searchSchema } from "./validate.ts";

const LONGEST_URL = 2_000;

/** The URL as it will be called; null for one that a gateway must not be sent to by a stranger. */
function publicUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "") {
    return null;
  }
  return url.hash === "" && url.href.length <= LONGEST_URL && isPublicHost(url.hostname) ? url.href : null;
}

const urlSchema = z
  .string()
  .max(LONGEST_URL)
  .transform((text, context) => {
    const url = publicUrl(text);
    if (url !== null) return url;
    const message = "Must be an https URL of a public host, on port 443, without user, password or fragment";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** None: all of them. */
const eventsSchema = z
  .array(z.enum(["limit.threshold", "limit.exhausted"]))
  .max(2)
  .transform((events) => [...new Set(events)]);

const newWebhook = z.strictObject({
  /** The caller's own organization when left out. */
  organization_id: idSchema("org").optional(),
  url: urlSchema,
  events: eventsSchema.default([]),
});

const changedWebhook = z.strictObject({
  url: urlSchema.optional(),
  events: eventsSchema.optional(),
  disabled: z.boolean().optional(),
});

const webhookQuery = listSchema(WEBHOOK_SORTS, "-created_at").extend({
  /** Webhooks of this organization and those below. */
  organization: idSchema("org").optional(),
  /** Part of a URL. */
  q: searchSchema.optional(),
});

const deliveryQuery = listSchema(DELIVERY_SORTS, "-at");

/** A webhook as the API shows it: never its secret. */
const webhookBody = (row: WebhookRow) => ({
  id: row.id,
  organization_id: row.organizationId,
  url: row.url,
  events: row.events,
  disabled: row.disabledAt !== null,
  disabled_at: row.disabledAt?.toISOString() ?? null,
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  version: row.version,
});

type DeliveryRow = Awaited<ReturnType<typeof listDeliveries>>["rows"][number];

/** An attempt to deliver, as the API shows it. */
const deliveryBody = (row: DeliveryRow) => ({
  id: row.deliveryId,
  attempt: row.attempt,
  event: row.event,
  body: row.body as object,
  at: row.at.toISOString(),
  status: row.status,
  error: row.error,
  duration_ms: row.durationMs,
  delivered: row.delivered,
  next_at: row.nextAt?.toISOString() ?? null,
});

/** `/api/webhooks`: where the limit events of the caller's organizations are sent. */
export function webhookRoutes(dependencies: AdminDependencies) {
  const { database, ledger, secrets, now, random } = dependencies;
  const { masterKey } = secrets;
  const act = (context: AdminContext) => ({ database, actor: context.get("caller"), now: now() });
  const idOf = (id: string) => pathId("whk", id);

  return new Hono<AdminEnv>()
    .get("/", query(webhookQuery), async (context) => {
      const { organization: organizationId, ...page } = context.req.valid("query");
      const asOf = now();
      const found = await listWebhooks(database, context.get("caller"), { ...page, organizationId });
      return context.json(listBody(found, asOf, webhookBody));
    })
    .post("/", jsonBody(newWebhook), async (context) => {
      const { organization_id: organizationId, url, events } = context.req.valid("json");
      const input = { organizationId, url, events };
      const { webhook, change, secret } = await createWebhook({ ...act(context), random, masterKey, input });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, webhook.version);
      return context.json({ ...webhookBody(webhook), secret, pending }, 201);
    })
    .get("/:id", async (context) => {
      const id = idOf(context.req.param("id"));
      const webhook = await getWebhook(database, context.get("caller"), id);
      sendVersion(context, webhook.version);
      return context.json(webhookBody(webhook));
    })
    .patch("/:id", jsonBody(changedWebhook), async (context) => {
      const id = idOf(context.req.param("id"));
      const input = context.req.valid("json");
      requireChange(input);
      const { webhook, change } = await changeWebhook({ ...act(context), id, check: ifMatch(context), input });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, webhook.version);
      return context.json({ ...webhookBody(webhook), pending });
    })
    .delete("/:id", async (context) => {
      const id = idOf(context.req.param("id"));
      const { change } = await removeWebhook({ ...act(context), id, check: ifMatch(context) });
      return context.json({ id, removed: true, pending: await isPending(dependencies, context, change) });
    })
    .post("/:id/rotate", async (context) => {
      const id = idOf(context.req.param("id"));
      const rotating = { ...act(context), id, check: ifMatch(context), random, masterKey };
      const { webhook, change, secret } = await rotateSecret(rotating);
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, webhook.version);
      return context.json({ ...webhookBody(webhook), secret, pending });
    })
    .post("/:id/test", async (context) => {
      const { rootId, jurisdiction } = context.get("caller");
      const webhook = await getWebhook(database, context.get("caller"), idOf(context.req.param("id")));
      if (webhook.disabledAt) throw new GatewayError("conflict", "This webhook is disabled. Enable it first.");
      const sent = await ledger(rootId, jurisdiction)
        .testWebhook(webhook.id)
        .catch((cause: unknown) => {
          throw new GatewayError("ledger_unavailable", "The event cannot be sent right now. Try again in a moment.", {
            retryAfter: 1,
            cause,
          });
        });
      if (!sent) {
        throw new GatewayError(
          "ledger_unavailable",
          "The Ledger does not know this webhook yet. Change the webhook, which tells it at once, or try again later.",
          { retryAfter: 1 },
        );
      }
      return context.json({ id: webhook.id, event: "webhook.test" }, 202);
    })
    .get("/:id/deliveries", query(deliveryQuery), async (context) => {
      const webhookId = idOf(context.req.param("id"));
      const page = { ...context.req.valid("query"), webhookId };
      const asOf = now();
      return context.json(listBody(await listDeliveries(database, context.get("caller"), page), asOf, deliveryBody));
    });
}
