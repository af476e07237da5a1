import { type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, bigint, pgPolicy, pgRole, timestamp } from "drizzle-orm/pg-core";

/** The role the Worker connects as. It is made by the first migration, in SQL, so that it cannot bypass row security. */
export const applicationRole = pgRole("gaia_app").existing();

/** A moment, to the millisecond, as a JavaScript `Date`. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The moment the row was made. */
export const createdAt = () => instant("created_at").notNull().defaultNow();

/** A whole number beyond 32 bits (tokens, nano-USD), read as a JavaScript number: values stay below 2^53. */
export const count = (name: string) => bigint(name, { mode: "number" }).notNull();

/** What sums of events count. Tokens and cost sum every revision; the rest counts first revisions only. */
export const figures = () => ({
  requests: count("requests"),
  inputUncached: count("input_uncached"),
  cacheRead: count("cache_read"),
  cacheWrite: count("cache_write"),
  output: count("output"),
  reasoning: count("reasoning"),
  costNano: count("cost_nano"),
  /** What answers cost by the price book; those without a price count nothing. */
  listCostNano: count("list_cost_nano").default(0),
  durationMs: count("duration_ms"),
  /** Requests that ended neither well nor by the client's leaving. */
  errors: count("errors"),
  /** Requests whose tokens are not the provider's own figures. */
  estimated: count("estimated"),
});

/**
 * What a transaction-local setting says: the root whose rows the transaction may see, and the address that signs in. A
 * setting once used reads as '' afterwards, which must match nothing.
 */
const currentRoot: SQL = sql`nullif(current_setting('app.root', true), '')`;
export const currentSignIn: SQL = sql`nullif(current_setting('app.sign_in', true), '')`;

/** Row-level security of a tenant table: its rows exist only for a transaction that names their root (`tenant.ts`). */
export const tenantPolicy = (rootId: AnyPgColumn) => {
  const ofThisRoot = sql`${rootId} = ${currentRoot}`;
  return pgPolicy("tenant", { for: "all", to: applicationRole, using: ofThisRoot, withCheck: ofThisRoot });
};
