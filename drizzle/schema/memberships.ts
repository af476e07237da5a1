import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";
import { users } from "./users.ts";

/** A user's role on an organization, inherited by the organizations below it. */
export const memberships = pgTable(
  "memberships",
  {
    userId: text("user_id").notNull(),
    organizationId: text("organization_id").notNull(),
    rootId: text("root_id").notNull(),
    role: text("role", { enum: ["owner", "admin", "member", "viewer"] }).notNull(),
    /** Given by an identity provider's claims, and taken back by them at a later sign-in. */
    managed: boolean("managed").notNull().default(false),
  },
  (table) => [
    primaryKey({ name: "memberships_pkey", columns: [table.userId, table.organizationId] }),
    foreignKey({
      name: "memberships_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "memberships_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }).onDelete("cascade"),
    check("memberships_role_check", sql`${table.role} in ('owner', 'admin', 'member', 'viewer')`),
    index("memberships_root_id_organization_id_idx").on(table.rootId, table.organizationId),
    tenantPolicy(table.rootId),
  ],
);
