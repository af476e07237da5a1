import { foreignKey, index, pgTable, text } from "drizzle-orm/pg-core";
import { count, createdAt, tenantPolicy } from "../columns.ts";
import { users } from "./users.ts";

/** What people's authenticator apps make one-time codes of (RFC 6238): one for a person, confirmed by a code of it. */
export const totpSecrets = pgTable(
  "totp_secrets",
  {
    userId: text("user_id").primaryKey(),
    rootId: text("root_id").notNull(),
    /** Sealed under the master key (`worker/lib/seal.ts`). */
    sealedSecret: text("sealed_secret").notNull(),
    /** The 30-second step of the code that was taken last: neither it nor an earlier one is taken again. */
    lastStep: count("last_step"),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "totp_secrets_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    index("totp_secrets_root_id_user_id_idx").on(table.rootId, table.userId),
    tenantPolicy(table.rootId),
  ],
);
