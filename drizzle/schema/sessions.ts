import { foreignKey, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { users } from "./users.ts";

/** Signed-in sessions of the dashboard. The signed cookie names the session, its version and its root. */
export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    rootId: text("root_id").notNull(),
    /** Raised when the cookie is renewed, at sign-out and by a new password: cookies with a lower one are refused. */
    version: integer("version").notNull().default(1),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    /** When whoever has it last showed again who they are; null: not since it was opened. */
    confirmedAt: instant("confirmed_at"),
    userAgent: text("user_agent"),
  },
  (table) => [
    foreignKey({
      name: "sessions_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    index("sessions_root_id_user_id_idx").on(table.rootId, table.userId),
    tenantPolicy(table.rootId),
  ],
);
