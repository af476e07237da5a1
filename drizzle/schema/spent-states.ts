import { index, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "../columns.ts";

/** States of sign-ins by OpenID Connect that have come back. The primary key lets each in once; it belongs to no tenant. */
export const spentStates = pgTable(
  "spent_states",
  {
    /** Lower-case hex of the state's SHA-256. */
    hash: text("hash").primaryKey(),
    /** From then on the state is too old by itself, and the row may go. */
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [index("spent_states_expires_at_idx").on(table.expiresAt)],
);
