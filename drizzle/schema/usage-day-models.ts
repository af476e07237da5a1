import { date, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by UTC day of `started_at`, organization and model, of all requests and of those that have a label,
 * whatever its value. They are far fewer than other daily sums. Written as `usage_days`.
 */
export const usageDayModels = pgTable(
  "usage_day_models",
  {
    rootId: text("root_id").notNull(),
    /** As in `usage_day_labels`; empty: of all requests. */
    label: text("label").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    /** Stands for all columns that follow, in keys: they may be longer than an index takes. */
    cell: uuid("cell").notNull(),
    organizationId: text("organization_id").notNull(),
    model: text("model").notNull(),
    provider: text("provider").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_day_models_pkey", columns: [table.rootId, table.label, table.day, table.cell] }),
    tenantPolicy(table.rootId),
  ],
);
