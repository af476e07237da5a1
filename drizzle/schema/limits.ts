import { sql } from "drizzle-orm";
import { bigint, check, foreignKey, index, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { count, createdAt, instant, tenantPolicy } from "../columns.ts";
import { apiKeys } from "./api-keys.ts";
import { organizations } from "./organizations.ts";

/** Limits on organizations and keys: at most one a node, metric and window. */
export const limits = pgTable(
  "limits",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    /** The organization it stands on, or the one its key belongs to. */
    organizationId: text("organization_id").notNull(),
    /** Null for a limit of the organization itself. */
    keyId: text("key_id"),
    metric: text("metric", {
      enum: ["requests", "input_tokens", "output_tokens", "total_tokens", "cost", "concurrent_requests"],
    }).notNull(),
    window: text("window", { enum: ["minute", "hour", "day", "week", "month", "total", "now"] }).notNull(),
    /** Requests, tokens or nano-USD. */
    amount: count("amount"),
    mode: text("mode", { enum: ["block", "warn"] }).notNull(),
    /** Percent, ascending. */
    thresholds: integer("thresholds").array().notNull(),
    overrideAmount: bigint("override_amount", { mode: "number" }),
    overrideUntil: instant("override_until"),
    fallbackPercent: integer("fallback_percent"),
    fallbackModel: text("fallback_model"),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
    removedAt: instant("removed_at"),
  },
  (table) => [
    foreignKey({
      name: "limits_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }),
    foreignKey({
      name: "limits_key_fk",
      columns: [table.rootId, table.keyId],
      foreignColumns: [apiKeys.rootId, apiKeys.id],
    }),
    check("limits_amount_check", sql`${table.amount} >= 0 and coalesce(${table.overrideAmount}, 0) >= 0`),
    check("limits_override_check", sql`(${table.overrideAmount} is null) = (${table.overrideUntil} is null)`),
    check("limits_fallback_check", sql`(${table.fallbackPercent} is null) = (${table.fallbackModel} is null)`),
    check("limits_now_check", sql`(${table.metric} = 'concurrent_requests') = (${table.window} = 'now')`),
    // Two columns that may be null, one of which is told apart: `nulls not distinct` cannot be had with a condition.
    uniqueIndex("limits_one_of_a_kind")
      .on(table.rootId, table.organizationId, sql`coalesce(${table.keyId}, '')`, table.metric, table.window)
      .where(sql`${table.removedAt} is null`),
    index("limits_root_id_organization_id_idx").on(table.rootId, table.organizationId),
    tenantPolicy(table.rootId),
  ],
);
