import { sql } from "drizzle-orm";
import { check, foreignKey, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

/** What a root organization knows of models beside, or against, the shipped catalogue: its own, and accepted changes. */
export const models = pgTable(
  "models",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    /** `provider/model`, as it is sent upstream. */
    model: text("model").notNull(),
    /** `custom`: an administrator wrote it; `synced`: it was accepted from a provider's list. */
    source: text("source", { enum: ["custom", "synced"] }).notNull(),
    /** `ModelFacts` of the catalogue. */
    facts: jsonb("facts").$type<Record<string, unknown>>().notNull(),
    /** Where each field of them comes from, by its name (`capabilities.tools`). */
    sources: jsonb("sources").$type<Record<string, "custom" | "synced">>().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
    removedAt: instant("removed_at"),
  },
  (table) => [
    foreignKey({ name: "models_root_fk", columns: [table.rootId], foreignColumns: [organizations.id] }),
    check("models_source_check", sql`${table.source} in ('custom', 'synced')`),
    uniqueIndex("models_one_of_a_name").on(table.rootId, table.model).where(sql`${table.removedAt} is null`),
    tenantPolicy(table.rootId),
  ],
);

/** Changes of the providers' lists that a root organization does not want to see again. */
export const modelDismissals = pgTable(
  "model_dismissals",
  {
    rootId: text("root_id").notNull(),
    /** Names what the change says, so that another change of the same model is shown again. */
    changeId: text("change_id").notNull(),
    model: text("model").notNull(),
    dismissedBy: text("dismissed_by").notNull(),
    dismissedAt: instant("dismissed_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "model_dismissals_pk", columns: [table.rootId, table.changeId] }),
    foreignKey({ name: "model_dismissals_root_fk", columns: [table.rootId], foreignColumns: [organizations.id] }),
    tenantPolicy(table.rootId),
  ],
);
