import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, tenantPolicy } from "../columns.ts";

/**
 * Requests that were refused before they were admitted: nothing was sent and nothing is counted. Append-only, kept for a month,
 * and not complete: of floods a part is written (`RefusalLog`). Without foreign keys: the log outlives what it names.
 */
export const refusedRequests = pgTable(
  "refused_requests",
  {
    /** The answer's `x-request-id`, a ULID. */
    id: text("id").notNull(),
    rootId: text("root_id").notNull(),
    /** The key's when it was written. */
    organizationId: text("organization_id").notNull(),
    keyId: text("key_id").notNull(),
    at: instant("at").notNull(),
    dialect: text("dialect").notNull(),
    operation: text("operation").notNull(),
    /** As the client named it; null where its body was not read so far. */
    requestedModel: text("requested_model"),
    /** The client program, as its user agent begins. */
    client: text("client"),
    status: integer("status").notNull(),
    errorCode: text("error_code").notNull(),
    /** The field at fault. */
    param: text("param"),
    /** What the client was told; null where that may quote what it sent, or from where. */
    message: text("message"),
    /** What refused it, where that was a limit. */
    limitId: text("limit_id"),
    /** So many more like it came within the same seconds, and have no row. */
    repeated: integer("repeated").notNull().default(0),
  },
  (table) => [
    primaryKey({ name: "refused_requests_pkey", columns: [table.rootId, table.id] }),
    index("refused_requests_root_id_at_idx").on(table.rootId, table.at, table.id),
    index("refused_requests_key_id_idx").on(table.rootId, table.keyId, table.at),
    // For what is taken away when it is old, of all roots.
    index("refused_requests_at_idx").on(table.at),
    tenantPolicy(table.rootId),
  ],
);
