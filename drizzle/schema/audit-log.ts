import { bigint, index, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { instant, tenantPolicy } from "../columns.ts";

/** Every change an administrator made, chained by hashes and append-only for the application. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    rootId: text("root_id").notNull(),
    at: instant("at").notNull().defaultNow(),
    /** A user's or a key's id, or `setup`. */
    actor: text("actor").notNull(),
    /** `resource.verb`, e.g. `key.revoke`. */
    action: text("action").notNull(),
    /** Id of what was changed. */
    target: text("target").notNull(),
    /** Whose administrators may read it: the organization of what was changed. Null in rows of before it was kept. */
    organizationId: text("organization_id"),
    /** The session of somebody signed in; null for a key. */
    sessionId: text("session_id"),
    /** Keyed hashes of the network address and the user agent: equal ones are equal, and neither can be told from them. */
    addressHash: text("address_hash"),
    agentHash: text("agent_hash"),
    before: jsonb("before"),
    after: jsonb("after"),
    /** Hash of the root's row before this one; null in its first row. */
    prevHash: text("prev_hash"),
    hash: text("hash").notNull(),
  },
  (table) => [
    // Two rows cannot follow the same one: of two writers at the same time one is refused (23505) and tries again.
    unique("audit_log_chain_key").on(table.rootId, table.prevHash).nullsNotDistinct(),
    index("audit_log_root_id_id_idx").on(table.rootId, table.id),
    index("audit_log_organization_id_idx").on(table.rootId, table.organizationId, table.id),
    index("audit_log_target_idx").on(table.rootId, table.target, table.id),
    tenantPolicy(table.rootId),
  ],
);
