import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";
import { users } from "./users.ts";

/** Views of the dashboard's pages that people have saved: a page and what its URL said. */
export const views = pgTable(
  "views",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    /** Whose it is. */
    userId: text("user_id").notNull(),
    /** With whom it is shared: everybody who stands on this organization, above or below it; null: nobody. */
    organizationId: text("organization_id"),
    name: text("name").notNull(),
    page: text("page").notNull(),
    /** The URL's query, without `?`. */
    query: text("query").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
  },
  (table) => [
    foreignKey({
      name: "views_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "views_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }),
    check("views_query_check", sql`octet_length(${table.query}) <= 4096`),
    index("views_root_id_user_id_idx").on(table.rootId, table.userId),
    index("views_root_id_organization_id_idx").on(table.rootId, table.organizationId),
    tenantPolicy(table.rootId),
  ],
);
