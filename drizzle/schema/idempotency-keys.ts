import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, tenantPolicy } from "../columns.ts";

/** Requests that were sent with an `Idempotency-Key`, for a day: which of them runs, which has changed something, and its answer. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    rootId: text("root_id").notNull(),
    /** Keyed hash of the caller and the key, hex: a key is its caller's own. */
    id: text("id").notNull(),
    /** Keyed hash of what the request asks, hex. A plain one would let a password in its body be guessed. */
    request: text("request").notNull(),
    /** Id of the request that holds it. */
    holder: text("holder").notNull(),
    /** Until then the holder may be at work; afterwards it is taken for dead. */
    heldUntil: instant("held_until").notNull(),
    /** Id of what the holder has changed, written in the transaction of the change. Null: nothing yet. */
    changed: text("changed"),
    /** The answer, sealed under the master key: it may hold a key that is shown once. Null: none yet. */
    answer: text("answer"),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.rootId, table.id] }),
    index("idempotency_keys_expires_at_idx").on(table.expiresAt),
    tenantPolicy(table.rootId),
  ],
);
