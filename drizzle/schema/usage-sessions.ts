import { bigint, date, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { tenantPolicy } from "../columns.ts";

/**
 * A bound for what each agent session cost: those that cannot be among the dearest need not be added up. Written by a trigger of the
 * events; exact sums are those of `usage_day_labels`.
 */
export const usageSessions = pgTable(
  "usage_sessions",
  {
    rootId: text("root_id").notNull(),
    sessionId: text("session_id").notNull(),
    /** UTC days on which the first and the last of its requests started. */
    firstDay: date("first_day", { mode: "string" }).notNull(),
    lastDay: date("last_day", { mode: "string" }).notNull(),
    /** No part of it cost more: every event's cost, without what corrections took away. May be too much, never too little. */
    costMost: bigint("cost_most", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ name: "usage_sessions_pkey", columns: [table.rootId, table.sessionId] }),
    index("usage_sessions_cost_idx").on(table.rootId, table.costMost),
    tenantPolicy(table.rootId),
  ],
);
