import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { figures, instant, tenantPolicy } from "../columns.ts";

/**
 * Hourly sums of `usage_events`, written by the statement that inserts them (`worker/usage/record.ts`). Tokens and cost
 * sum every revision; requests, errors, estimated and duration count first revisions only.
 */
export const usageRollups = pgTable(
  "usage_rollups",
  {
    /** Start of the UTC hour of `started_at`. */
    hour: instant("hour").notNull(),
    rootId: text("root_id").notNull(),
    organizationId: text("organization_id").notNull(),
    keyId: text("key_id").notNull(),
    /** The model as it was sent upstream. */
    model: text("model").notNull(),
    provider: text("provider").notNull(),
    /** First digit of the status: 2, 4, 5. */
    statusClass: integer("status_class").notNull(),
    ...figures(),
  },
  (table) => [
    primaryKey({
      name: "usage_rollups_pkey",
      columns: [
        table.rootId,
        table.hour,
        table.organizationId,
        table.keyId,
        table.model,
        table.provider,
        table.statusClass,
      ],
    }),
    // When a key was used last, and how much of late.
    index("usage_rollups_key_id_idx").on(table.rootId, table.keyId, table.hour),
    tenantPolicy(table.rootId),
  ],
);
