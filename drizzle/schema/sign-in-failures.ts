import { bigint, index, pgTable, text } from "drizzle-orm/pg-core";

/**
 * What slows guessing down (`worker/auth/throttle.ts`). It belongs to no tenant: whoever guesses has none. Neither an
 * e-mail address nor an IP address can be read from it.
 */
export const signInFailures = pgTable(
  "sign_in_failures",
  {
    /** Lower-case hex of a keyed hash. */
    subject: text("subject").primaryKey(),
    /** Milliseconds since the epoch of each attempt that failed or is being tried, oldest first. */
    failures: bigint("failures", { mode: "number" }).array().notNull(),
    /** Milliseconds since the epoch after which the row says nothing any more. */
    staleAt: bigint("stale_at", { mode: "number" }).notNull(),
  },
  (table) => [index("sign_in_failures_stale_at_idx").on(table.staleAt)],
);
