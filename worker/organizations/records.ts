import type { apiKeys, limits, models, organizations, prices, routes, webhooks } from "../../drizzle/schema/index.ts";
import {
  type KeyRecord,
  type LimitRecord,
  type ModelRecord,
  NO_SETTINGS,
  type OrganizationRecord,
  type OrganizationSettings,
  type RouteRecord,
  type TenantPriceRecord,
  type WebhookRecord,
} from "../canonical/tenant.ts";

export type OrganizationRow = typeof organizations.$inferSelect;
export type KeyRow = typeof apiKeys.$inferSelect;
export type LimitRow = typeof limits.$inferSelect;
export type PriceBookRow = typeof prices.$inferSelect;
export type WebhookRow = typeof webhooks.$inferSelect;
export type RouteRow = typeof routes.$inferSelect;
export type ModelRow = typeof models.$inferSelect;

/** What a Ledger keeps of an organization. One that was removed stays in its tree: requests below it may still be told of. */
export const organizationRecord = (
  row: Pick<OrganizationRow, "id" | "parentId" | "name" | "timeZone" | "archivedAt" | "removedAt" | "settings">,
): OrganizationRecord => ({
  id: row.id,
  parentId: row.parentId,
  name: row.name,
  timeZone: row.timeZone,
  archived: row.archivedAt !== null || row.removedAt !== null,
  settings: settingsOf(row.settings),
});

/** Stored settings hold only what was set. */
export const settingsOf = (stored: Record<string, unknown>): OrganizationSettings => ({ ...NO_SETTINGS, ...stored });

/** What a Ledger keeps of a key. */
export const keyRecord = (row: KeyRow): KeyRecord => ({
  id: row.id,
  organizationId: row.organizationId,
  name: row.name,
  mac: row.mac,
  previous:
    row.previousMac === null || row.previousExpiresAt === null
      ? null
      : { mac: row.previousMac, expiresAt: row.previousExpiresAt.getTime() },
  permissions: row.permissions,
  disabled: row.disabledAt !== null,
  revoked: row.revokedAt !== null,
  expiresAt: row.expiresAt?.getTime() ?? null,
  strict: row.strict,
  models: row.models,
  ipRanges: row.ipRanges,
  origins: row.origins,
});

/** What a Ledger keeps of a limit. */
export const limitRecord = (row: LimitRow): LimitRecord => ({
  id: row.id,
  nodeId: row.keyId ?? row.organizationId,
  metric: row.metric,
  window: row.window,
  amount: row.amount,
  mode: row.mode,
  thresholds: row.thresholds,
  override:
    row.overrideAmount === null || row.overrideUntil === null
      ? null
      : { amount: row.overrideAmount, until: row.overrideUntil.getTime() },
  fallback:
    row.fallbackPercent === null || row.fallbackModel === null
      ? null
      : { percent: row.fallbackPercent, model: row.fallbackModel },
  removed: row.removedAt !== null,
});

/** What a Ledger keeps of a price of the tenant's own. */
export const priceRecord = (row: PriceBookRow): TenantPriceRecord => ({
  id: row.id,
  organizationId: row.organizationId,
  model: row.model,
  from: row.validFrom.getTime(),
  until: row.validUntil?.getTime() ?? null,
  price: row.price,
  removed: row.removedAt !== null,
});

/** What a Ledger keeps of a webhook. */
export const webhookRecord = (row: WebhookRow): WebhookRecord => ({
  id: row.id,
  organizationId: row.organizationId,
  url: row.url,
  sealedSecret: row.sealedSecret,
  events: row.events,
  disabled: row.disabledAt !== null,
  removed: row.removedAt !== null,
});

/** What a Ledger keeps of a model. */
export const modelRecord = (row: Pick<ModelRow, "id" | "model" | "facts" | "version" | "removedAt">): ModelRecord => ({
  id: row.id,
  model: row.model,
  facts: row.facts,
  version: row.version,
  removed: row.removedAt !== null,
});

/** What a Ledger keeps of a route. */
export const routeRecord = (row: RouteRow): RouteRecord => ({
  id: row.id,
  organizationId: row.organizationId,
  name: row.name,
  strategy: row.strategy,
  targets: row.targets,
  timeouts: { headers: null, firstToken: null, idle: null, total: null, ...row.timeouts },
  version: row.version,
  removed: row.removedAt !== null,
});
