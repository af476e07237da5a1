import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgPolicy, pgTable, text, unique } from "drizzle-orm/pg-core";
import { applicationRole, createdAt, currentSignIn, tenantPolicy } from "../columns.ts";
import { organizations } from "./organizations.ts";

/** People who sign in to the dashboard. */
export const users = pgTable(
  "users",
  {
    id: text("id").primaryKey(),
    rootId: text("root_id")
      .notNull()
      .references(() => organizations.id),
    /** Lower-cased; one account on the whole installation. */
    email: text("email").notNull().unique(),
    /** PHC string: `$scrypt$ln=14,r=8,p=5$salt$hash`. Null: they sign in elsewhere only. */
    passwordHash: text("password_hash"),
    /** Their subject at each identity provider where they have signed in, by its issuer. */
    identities: jsonb("identities").$type<Record<string, string>>().notNull().default({}),
    name: text("name").notNull(),
    /** BCP 47; null: the browser's. */
    locale: text("locale"),
    /** IANA name; null: the browser's. */
    timeZone: text("time_zone"),
    createdAt: createdAt(),
    /** Counts the changes of name, locale and time zone, for `If-Match`. */
    version: integer("version").notNull().default(1),
  },
  (table) => [
    unique("users_root_id_id_key").on(table.rootId, table.id),
    check("users_email_check", sql`${table.email} = lower(${table.email})`),
    tenantPolicy(table.rootId),
    // Whoever signs in has only an e-mail address to name; the root comes out of the row found by it.
    pgPolicy("sign_in", {
      for: "select",
      to: applicationRole,
      using: sql`${table.email} = ${currentSignIn}`,
    }),
  ],
);
