import { foreignKey, index, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy } from "../columns.ts";
import { users } from "./users.ts";

/** One-time links that give a user another password. A row goes when its link is used or another one takes its place. */
export const passwordResets = pgTable(
  "password_resets",
  {
    /** Lower-case hex of the link's HMAC (`worker/auth/link-token.ts`). The link itself is shown once. */
    mac: text("mac").primaryKey(),
    rootId: text("root_id").notNull(),
    userId: text("user_id").notNull(),
    /** A user's id. */
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    foreignKey({
      name: "password_resets_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    index("password_resets_root_id_user_id_idx").on(table.rootId, table.userId),
    tenantPolicy(table.rootId),
  ],
);
