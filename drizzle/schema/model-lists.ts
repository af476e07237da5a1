import { boolean, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "../columns.ts";

/** What each provider's list of models said when it was last read. It belongs to no tenant: the lists are the gateway's. */
export const modelLists = pgTable("model_lists", {
  provider: text("provider").primaryKey(),
  /** The last attempt to read it. */
  attemptedAt: instant("attempted_at").notNull(),
  /** Why the last attempt failed, in a stable word; null: it did not. */
  failure: text("failure"),
  /** When what is here was read; null: it never was. */
  readAt: instant("read_at"),
  /** The simulator's list, not the provider's. */
  simulated: boolean("simulated").notNull().default(false),
  /** `ObservedModel`s. */
  models: jsonb("models").$type<Record<string, unknown>[]>().notNull().default([]),
});
