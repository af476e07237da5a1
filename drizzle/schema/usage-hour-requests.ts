import { boolean, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/**
 * Sums of `usage_events` by UTC hour of `started_at`, organization, model, and what first rows say of their requests: a request that was
 * corrected since may be another, so whoever reads these looks at the corrections. Written as `usage_days`; they go with the events.
 */
export const usageHourRequests = pgTable(
  "usage_hour_requests",
  {
    rootId: text("root_id").notNull(),
    hour: instant("hour").notNull(),
    /** Stands for all columns that follow, in keys: they may be null, and longer than an index takes. */
    cell: uuid("cell").notNull(),
    organizationId: text("organization_id").notNull(),
    model: text("model").notNull(),
    provider: text("provider").notNull(),
    /** Its answer read from a prompt cache; null: of corrections. */
    cached: boolean("cached"),
    /** It was sent upstream more than once; null: of corrections. */
    retried: boolean("retried"),
    ...figures(),
  },
  (table) => [
    primaryKey({ name: "usage_hour_requests_pkey", columns: [table.rootId, table.hour, table.cell] }),
    // What is old enough to be deleted; rows come in the order of time.
    index("usage_hour_requests_hour_idx").using("brin", table.hour),
    tenantPolicy(table.rootId),
  ],
);
