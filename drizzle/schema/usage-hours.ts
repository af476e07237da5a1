import { boolean, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by UTC hour of `started_at` and all that `usage_days` knows, for what a period has of its first and last day.
 * Written as `usage_days`; they go with the events that they stand for.
 */
export const usageHours = pgTable(
  "usage_hours",
  {
    rootId: text("root_id").notNull(),
    hour: instant("hour").notNull(),
    /** Stands for all columns that follow, in keys: they may be null, and longer than an index takes. */
    cell: uuid("cell").notNull(),
    organizationId: text("organization_id").notNull(),
    keyId: text("key_id").notNull(),
    model: text("model").notNull(),
    provider: text("provider").notNull(),
    statusClass: integer("status_class").notNull(),
    outcome: text("outcome").notNull(),
    errorCode: text("error_code"),
    client: text("client"),
    dialect: text("dialect").notNull(),
    routeId: text("route_id"),
    streamed: boolean("streamed").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_hours_pkey", columns: [table.rootId, table.hour, table.cell] }),
    // What is old enough to be deleted; rows come in the order of time.
    index("usage_hours_hour_idx").using("brin", table.hour),
    tenantPolicy(table.rootId),
  ],
);
