import { date, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, tenantPolicy } from "../columns.ts";

/** Sums of `usage_events` by UTC day of `started_at` and what hourly sums know, for long periods. Written as `usage_days`. */
export const usageDayTotals = pgTable(
  "usage_day_totals",
  {
    rootId: text("root_id").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    /** Stands for all columns that follow, in keys: they may be longer than an index takes. */
    cell: uuid("cell").notNull(),
    organizationId: text("organization_id").notNull(),
    keyId: text("key_id").notNull(),
    model: text("model").notNull(),
    provider: text("provider").notNull(),
    statusClass: integer("status_class").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_day_totals_pkey", columns: [table.rootId, table.day, table.cell] }),
    tenantPolicy(table.rootId),
  ],
);
