import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { webhookDeliveries } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import { byInstant, byNumber, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import { getWebhook } from "./webhooks.ts";

type Delivery = typeof webhookDeliveries.$inferSelect;

export const DELIVERY_SORTS = ["at", "duration_ms"] as const;

const DELIVERY_ORDERS = {
  at: byInstant(webhookDeliveries.at),
  duration_ms: byNumber(webhookDeliveries.durationMs),
};
/** An attempt's own name: one delivery has several. */
const attemptId = sql<string>`${webhookDeliveries.deliveryId} || '_' || lpad(${webhookDeliveries.attempt}::text, 4, '0')`;

/** The attempts to deliver to one of the actor's webhooks. Throws `not_found` for the webhook. */
export async function listDeliveries(
  database: Database,
  actor: Actor,
  page: PageRequest<(typeof DELIVERY_SORTS)[number]> & { webhookId: string },
): Promise<Page<Delivery>> {
  const { place, order, after } = pageOf(DELIVERY_ORDERS, attemptId, page);
  await getWebhook(database, actor, page.webhookId);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({ ...getTableColumns(webhookDeliveries), id: attemptId, place })
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.rootId, actor.rootId), eq(webhookDeliveries.webhookId, page.webhookId), after))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}
