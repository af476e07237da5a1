import { foreignKey, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { count, createdAt, instant, tenantPolicy } from "../columns.ts";
import { users } from "./users.ts";

/** Passkeys (WebAuthn credentials) of people. What signs stays in their authenticator: here is what checks it. */
export const passkeys = pgTable(
  "passkeys",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id").notNull(),
    userId: text("user_id").notNull(),
    /** As the authenticator names it, in base64url. Nobody else's may have the same. */
    credentialId: text("credential_id").notNull().unique(),
    /** COSE key, in base64url. */
    publicKey: text("public_key").notNull(),
    /** What the authenticator had counted when it signed last; it stays 0 for one that does not count. */
    counter: count("counter"),
    /** How the browser reached it (`internal`, `usb`, `hybrid`…), which it is told when it shall find it again. */
    transports: jsonb("transports").$type<string[]>().notNull(),
    name: text("name").notNull(),
    createdAt: createdAt(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    foreignKey({
      name: "passkeys_user_fk",
      columns: [table.rootId, table.userId],
      foreignColumns: [users.rootId, users.id],
    }).onDelete("cascade"),
    index("passkeys_root_id_user_id_idx").on(table.rootId, table.userId),
    tenantPolicy(table.rootId),
  ],
);
