import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

/** Invitations by a one-time link. What was accepted, revoked or has run out keeps its row. */
export const invites = pgTable(
  "invites",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    organizationId: text("organization_id").notNull(),
    /** Lower-cased. */
    email: text("email").notNull(),
    role: text("role", { enum: ["viewer", "member", "admin", "owner"] }).notNull(),
    /** Lower-case hex of the link's HMAC (`worker/auth/link-token.ts`). The link itself is shown once. */
    mac: text("mac").notNull().unique(),
    /** A user's id. */
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    acceptedAt: instant("accepted_at"),
    /** Who accepted it: a user's id. */
    acceptedBy: text("accepted_by"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    foreignKey({
      name: "invites_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }).onDelete("cascade"),
    check("invites_role_check", sql`${table.role} in ('viewer', 'member', 'admin', 'owner')`),
    check("invites_email_check", sql`${table.email} = lower(${table.email})`),
    index("invites_root_id_organization_id_idx").on(table.rootId, table.organizationId),
    tenantPolicy(table.rootId),
  ],
);
