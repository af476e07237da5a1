import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by quarter of an hour of `started_at` and organization, for time zones whose hours begin within one of UTC.
 * Written as `usage_days`.
 */
export const usageQuarters = pgTable(
  "usage_quarters",
  {
    rootId: text("root_id").notNull(),
    quarter: instant("quarter").notNull(),
    organizationId: text("organization_id").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_quarters_pkey", columns: [table.rootId, table.quarter, table.organizationId] }),
    tenantPolicy(table.rootId),
  ],
);
