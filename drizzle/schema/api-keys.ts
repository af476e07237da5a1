import { sql } from "drizzle-orm";
import { boolean, foreignKey, index, integer, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

/** Virtual keys. The key itself is shown once and never stored. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    organizationId: text("organization_id").notNull(),
    /** `playground`: it has no text, and is presented by tokens that a member's session stands behind. */
    kind: text("kind", { enum: ["api", "playground"] })
      .notNull()
      .default("api"),
    name: text("name").notNull(),
    /** Lower-case hex of HMAC-SHA-256(pepper, whole key). */
    mac: text("mac").notNull().unique(),
    /** The key's first 12 and last 4 characters, for people to recognise it. */
    hint: text("hint").notNull(),
    permissions: text("permissions", { enum: ["read", "write", "admin"] })
      .array()
      .notNull(),
    /** The key's text before it was rotated, and until when it opens the same. */
    previousMac: text("previous_mac"),
    previousHint: text("previous_hint"),
    previousExpiresAt: instant("previous_expires_at"),
    /** Public model names it may ask for; null: all. */
    models: text("models").array(),
    /** Addresses and ranges (CIDR) it may be used from; null: anywhere. */
    ipRanges: text("ip_ranges").array(),
    /** Origins of web pages that may use it; null: none. */
    origins: text("origins").array(),
    tags: text("tags").array().notNull().default([]),
    /** `user:` and a user's id, or `service`. */
    owner: text("owner").notNull().default("service"),
    note: text("note"),
    /** Isolates must not remember a strict key at all. */
    strict: boolean("strict").notNull().default(false),
    /** Who made it: a user's or a key's id, or `setup`. */
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at"),
    disabledAt: instant("disabled_at"),
    /** Who disabled it: a user's or a key's id. */
    disabledBy: text("disabled_by"),
    revokedAt: instant("revoked_at"),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
  },
  (table) => [
    unique("api_keys_root_id_id_key").on(table.rootId, table.id),
    foreignKey({
      name: "api_keys_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }),
    index("api_keys_root_id_organization_id_idx").on(table.rootId, table.organizationId),
    uniqueIndex("api_keys_playground_key")
      .on(table.rootId, table.organizationId, table.createdBy)
      .where(sql`${table.kind} = 'playground' and ${table.revokedAt} is null`),
    tenantPolicy(table.rootId),
  ],
);
