import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { count, createdAt, instant, tenantPolicy } from "../columns.ts";

/** The tree of organizations. A root is its own `root_id`; everything a tenant owns carries that root's id. */
export const organizations = pgTable(
  "organizations",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    parentId: text("parent_id"),
    name: text("name").notNull(),
    /** IANA name; decides when the organization's days and months begin. */
    timeZone: text("time_zone").notNull().default("UTC"),
    /** Counts every change to the tenant's configuration. It is kept on the root's row; other rows stay at 1. */
    configVersion: count("config_version").default(1),
    /** What it decides for itself and those below (`OrganizationSettings`); what is not in it is inherited. */
    settings: jsonb("settings").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
    archivedAt: instant("archived_at"),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
    /** When a move last brought something below it or took something away: what was counted before stays counted there. */
    regroupedAt: instant("regrouped_at"),
    /** Nothing can be made below it any more, and nobody is shown it; its requests still name it. */
    removedAt: instant("removed_at"),
  },
  (table) => [
    // Foreign keys see past row-level security: the root is part of each, so that no row can point into another tenant.
    unique("organizations_root_id_id_key").on(table.rootId, table.id),
    foreignKey({
      name: "organizations_parent_fk",
      columns: [table.rootId, table.parentId],
      foreignColumns: [table.rootId, table.id],
    }),
    check("organizations_root_check", sql`(${table.parentId} is null) = (${table.id} = ${table.rootId})`),
    index("organizations_root_id_parent_id_idx").on(table.rootId, table.parentId),
    tenantPolicy(table.rootId),
  ],
);
