import { boolean, index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, tenantPolicy } from "../columns.ts";

/** Every attempt to deliver an event to a webhook, append-only. Without foreign keys: the log outlives what it names. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    /** The event and its webhook; the same in every attempt, and the receiver's `webhook-id`. */
    deliveryId: text("delivery_id").notNull(),
    /** From 1. */
    attempt: integer("attempt").notNull(),
    rootId: text("root_id").notNull(),
    webhookId: text("webhook_id").notNull(),
    /** `limit.threshold`, `limit.exhausted`, `webhook.test`. */
    event: text("event").notNull(),
    /** The body as it was sent. */
    body: jsonb("body").$type<Record<string, unknown>>().notNull(),
    at: instant("at").notNull(),
    /** The receiver's status, null when none came. */
    status: integer("status"),
    /** Why none came, in our words. */
    error: text("error"),
    durationMs: integer("duration_ms").notNull(),
    delivered: boolean("delivered").notNull(),
    /** When it is tried again; null after a success and after the last attempt. */
    nextAt: instant("next_at"),
  },
  (table) => [
    primaryKey({ name: "webhook_deliveries_pkey", columns: [table.rootId, table.deliveryId, table.attempt] }),
    index("webhook_deliveries_webhook_idx").on(table.rootId, table.webhookId, table.at),
    tenantPolicy(table.rootId),
  ],
);
