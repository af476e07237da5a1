import { date, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by UTC day of `started_at` for each value of what has many: sessions, agents, end users, tags. An event
 * is in as many as it has labels. Written as `usage_days`.
 */
export const usageDayLabels = pgTable(
  "usage_day_labels",
  {
    rootId: text("root_id").notNull(),
    /** `session`, `agent`, `end_user`, or `tag:` and a tag's name. */
    label: text("label").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    /** Stands for all columns that follow, in keys: they may be longer than an index takes. */
    cell: uuid("cell").notNull(),
    value: text("value").notNull(),
    organizationId: text("organization_id").notNull(),
    keyId: text("key_id").notNull(),
    model: text("model").notNull(),
    provider: text("provider").notNull(),
    statusClass: integer("status_class").notNull(),
    /** When the first and the last of these requests started. */
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_day_labels_pkey", columns: [table.rootId, table.label, table.day, table.cell] }),
    // What one session, user or tag used.
    index("usage_day_labels_value_idx").on(table.rootId, table.label, table.value, table.day),
    // What is old enough to be deleted; rows come in the order of days.
    index("usage_day_labels_day_idx").using("brin", table.day),
    tenantPolicy(table.rootId),
  ],
);
