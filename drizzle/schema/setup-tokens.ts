import { pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "../columns.ts";

/** One-time set-up tokens that have been used. The primary key lets a token in once; it belongs to no tenant. */
export const setupTokens = pgTable("setup_tokens", {
  /** Lower-case hex of the token's SHA-256. */
  tokenHash: text("token_hash").primaryKey(),
  usedAt: instant("used_at").notNull().defaultNow(),
});
