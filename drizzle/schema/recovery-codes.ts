import { foreignKey, index, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, tenantPolicy } from "../columns.ts";
import { users } from "./users.ts";

/** One-time codes for who has lost their second factor. A row goes when its code is used, or new ones take its place. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    /** Lower-case hex of the code's HMAC (`worker/auth/recovery-codes.ts`). The code itself is shown once. */
    mac: text("mac").primaryKey(),
    rootId: text("root_id").notNull(),
    userId: text("user_id").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "recovery_codes_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    index("recovery_codes_root_id_user_id_idx").on(table.rootId, table.userId),
    tenantPolicy(table.rootId),
  ],
);
