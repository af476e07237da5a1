import { sql } from "drizzle-orm";
import { check, foreignKey, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

type Timeout = "headers" | "firstToken" | "idle" | "total";

/** Public model names of an organization and those below, and the targets that serve them. */
export const routes = pgTable(
  "routes",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    organizationId: text("organization_id").notNull(),
    /** The model as clients name it. */
    name: text("name").notNull(),
    strategy: text("strategy", { enum: ["ordered", "weighted"] }).notNull(),
    /** `RouteTarget`s. */
    targets: jsonb("targets").$type<{ model: string; credential: string | null; weight: number }[]>().notNull(),
    /** What was set of `RouteTimeouts`. */
    timeouts: jsonb("timeouts").$type<{ [field in Timeout]?: number }>().notNull().default({}),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
    removedAt: instant("removed_at"),
  },
  (table) => [
    foreignKey({
      name: "routes_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }),
    check("routes_strategy_check", sql`${table.strategy} in ('ordered', 'weighted')`),
    uniqueIndex("routes_one_of_a_name")
      .on(table.rootId, table.organizationId, table.name)
      .where(sql`${table.removedAt} is null`),
    tenantPolicy(table.rootId),
  ],
);
