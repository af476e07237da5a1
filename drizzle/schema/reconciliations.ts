import { index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant, tenantPolicy } from "../columns.ts";

/** What a comparison of Ledger, events and rollups found. */
export const reconciliations = pgTable(
  "reconciliations",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    at: instant("at").notNull(),
    /** `agree`, `differ`, or `skipped` when rows were still on their way. */
    outcome: text("outcome", { enum: ["agree", "differ", "skipped"] }).notNull(),
    /** How many figures were compared. */
    compared: integer("compared").notNull(),
    /** Every figure that differs, with both sides. */
    differences: jsonb("differences").$type<Record<string, unknown>[]>().notNull(),
  },
  (table) => [index("reconciliations_root_id_at_idx").on(table.rootId, table.at), tenantPolicy(table.rootId)],
);
