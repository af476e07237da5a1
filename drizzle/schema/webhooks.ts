import { foreignKey, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

/** Where a tenant's limit events are sent, signed. */
export const webhooks = pgTable(
  "webhooks",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    /** It is told of this organization and those below. */
    organizationId: text("organization_id").notNull(),
    url: text("url").notNull(),
    /** The signing secret, sealed under the master key. It is shown once. */
    sealedSecret: text("sealed_secret").notNull(),
    /** `limit.threshold`, `limit.exhausted`; empty: all. */
    events: text("events").array().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
    disabledAt: instant("disabled_at"),
    removedAt: instant("removed_at"),
  },
  (table) => [
    foreignKey({
      name: "webhooks_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }),
    index("webhooks_root_id_organization_id_idx").on(table.rootId, table.organizationId),
    tenantPolicy(table.rootId),
  ],
);
