import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/** Sums of `usage_events` by UTC hour of `started_at` and organization, for days that are not those of UTC. Written as `usage_days`. */
export const usageHourOrganizations = pgTable(
  "usage_hour_organizations",
  {
    rootId: text("root_id").notNull(),
    hour: instant("hour").notNull(),
    organizationId: text("organization_id").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_hour_organizations_pkey", columns: [table.rootId, table.hour, table.organizationId] }),
    tenantPolicy(table.rootId),
  ],
);
