import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

/**
 * A tenant's own prices, in place of the catalogue's, for an organization and those below. Never changed: a new price is
 * a new row, and the old one gets its end. The id is the price version of what it rates.
 */
export const prices = pgTable(
  "prices",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    organizationId: text("organization_id").notNull(),
    /** `provider/model`, as it is sent upstream. */
    model: text("model").notNull(),
    validFrom: instant("valid_from").notNull(),
    validUntil: instant("valid_until"),
    /** The catalogue's `PriceRecord` without its days. */
    price: jsonb("price").$type<Record<string, unknown>>().notNull(),
    /** `synced`: out of what the provider's own list says, accepted by somebody. */
    source: text("source", { enum: ["custom", "synced"] })
      .notNull()
      .default("custom"),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    /** Counts its changes, for `If-Match`. */
    version: integer("version").notNull().default(1),
    removedAt: instant("removed_at"),
  },
  (table) => [
    foreignKey({
      name: "prices_organization_fk",
      columns: [table.rootId, table.organizationId],
      foreignColumns: [organizations.rootId, organizations.id],
    }),
    check("prices_validity_check", sql`${table.validUntil} is null or ${table.validUntil} > ${table.validFrom}`),
    index("prices_root_id_model_idx").on(table.rootId, table.model),
    tenantPolicy(table.rootId),
  ],
);
