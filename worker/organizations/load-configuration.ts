import { and, asc, eq, isNull } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, limits, models, organizations, prices, routes, webhooks } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { TenantConfiguration } from "../canonical/tenant.ts";
import {
  keyRecord,
  limitRecord,
  modelRecord,
  organizationRecord,
  priceRecord,
  routeRecord,
  webhookRecord,
} from "./records.ts";

/**
 * The whole configuration of a root organization as of one moment, for its Ledger; null when there is no such root.
 * Revoked keys are part of it: a Ledger that knows them says so, rather than loading again.
 */
export async function loadConfiguration(database: Database, rootId: string): Promise<TenantConfiguration | null> {
  const [tree, keys, limitRows, priceRows, webhookRows, routeRows, modelRows] = await forRoot(database, rootId).batch([
    database.select().from(organizations).where(eq(organizations.rootId, rootId)).orderBy(asc(organizations.id)),
    database.select().from(apiKeys).where(eq(apiKeys.rootId, rootId)).orderBy(asc(apiKeys.id)),
    database
      .select()
      .from(limits)
      .where(and(eq(limits.rootId, rootId), isNull(limits.removedAt)))
      .orderBy(asc(limits.id)),
    database
      .select()
      .from(prices)
      .where(and(eq(prices.rootId, rootId), isNull(prices.removedAt)))
      .orderBy(asc(prices.id)),
    database
      .select()
      .from(webhooks)
      .where(and(eq(webhooks.rootId, rootId), isNull(webhooks.removedAt)))
      .orderBy(asc(webhooks.id)),
    database
      .select()
      .from(routes)
      .where(and(eq(routes.rootId, rootId), isNull(routes.removedAt)))
      .orderBy(asc(routes.id)),
    database
      .select()
      .from(models)
      .where(and(eq(models.rootId, rootId), isNull(models.removedAt)))
      .orderBy(asc(models.id)),
  ]);
  const root = tree.find(({ id }) => id === rootId);
  if (!root) return null;
  return {
    rootId,
    version: root.configVersion,
    organizations: tree.map(organizationRecord),
    keys: keys.map(keyRecord),
    limits: limitRows.map(limitRecord),
    prices: priceRows.map(priceRecord),
    webhooks: webhookRows.map(webhookRecord),
    routes: routeRows.map(routeRecord),
    models: modelRows.map(modelRecord),
  };
}

/** Of a root's configuration what decides prices. */
export async function loadPrices(
  database: Database,
  rootId: string,
): Promise<Pick<TenantConfiguration, "organizations" | "prices">> {
  const [tree, rows] = await forRoot(database, rootId).batch([
    database.select().from(organizations).where(eq(organizations.rootId, rootId)),
    database
      .select()
      .from(prices)
      .where(and(eq(prices.rootId, rootId), isNull(prices.removedAt))),
  ]);
  return { organizations: tree.map(organizationRecord), prices: rows.map(priceRecord) };
}
