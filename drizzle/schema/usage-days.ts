import { boolean, date, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by UTC day of `started_at` and more than hourly sums know: everything that has few values. Written by a trigger of the events (`gaia_sum_usage`), so that nobody can write events without them.
 */
export const usageDays = pgTable(
  "usage_days",
  {
    rootId: text("root_id").notNull(),
    day: date("day", { mode: "string" }).notNull(),
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
    primaryKey({ name: "usage_days_pkey", columns: [table.rootId, table.day, table.cell] }),
    tenantPolicy(table.rootId),
  ],
);
