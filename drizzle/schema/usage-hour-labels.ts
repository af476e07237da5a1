import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by UTC hour of `started_at`, organization and label. Agents and tags are told by value; of sessions and end
 * users, which have one for every few requests, there is only what all of them together used. Written as `usage_days`.
 */
export const usageHourLabels = pgTable(
  "usage_hour_labels",
  {
    rootId: text("root_id").notNull(),
    /** As in `usage_day_labels`. */
    label: text("label").notNull(),
    hour: instant("hour").notNull(),
    /** Stands for all columns that follow, in keys: they may be null, and longer than an index takes. */
    cell: uuid("cell").notNull(),
    /** Null: of all values, and there are no other rows of this label. */
    value: text("value"),
    organizationId: text("organization_id").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_hour_labels_pkey", columns: [table.rootId, table.label, table.hour, table.cell] }),
    // What is old enough to be deleted; rows come in the order of time.
    index("usage_hour_labels_hour_idx").using("brin", table.hour),
    tenantPolicy(table.rootId),
  ],
);
