import { type SQL, sql } from "drizzle-orm";
import type { BatchItem, BatchResponse } from "drizzle-orm/batch";
import type { Database } from "./client.ts";

type Query = BatchItem<"pg">;

/** Statements for one batch, of which some may be none. There must be one. */
export const inOrder = (...statements: Query[]): [Query, ...Query[]] => {
  const [first, ...more] = statements;
  if (first === undefined) throw new Error("a batch without a statement");
  return [first, ...more];
};

/** Queries to be run as one transaction, in order. */
export interface Scope {
  /** Answers each query's result at its place. Any error rolls all of them back. */
  batch<First extends Query, Queries extends readonly [First, ...Query[]]>(
    queries: Queries,
  ): Promise<BatchResponse<Queries>>;
}

/**
 * A transaction with a setting that row-level security reads. The setting is local to the transaction: anything longer
 * would stay on a pooled connection and leak into the next caller's query.
 */
const scope = (
  database: Database,
  setting: "app.root" | "app.sign_in",
  value: string,
  bound: SQL | undefined = undefined,
): Scope => ({
  async batch<First extends Query, Queries extends readonly [First, ...Query[]]>(queries: Queries) {
    const setScope = database.execute(sql`select set_config(${setting}, ${value}, true)${bound}`);
    const [, ...results] = await database.batch([setScope, ...queries]);
    return results as BatchResponse<Queries>;
  },
});

/**
 * The way to a tenant's rows: without it row-level security shows none and takes none. `rootId` comes from the principal,
 * never from a request.
 */
export const forRoot = (database: Database, rootId: string): Scope => scope(database, "app.root", rootId);

/** Below what the client waits for a whole batch, so that Postgres does not work on for nobody. */
const LIST_MS = 4_500;

/** The same for lists: Postgres stops (57014) a statement that reads too long. */
export const forList = (database: Database, rootId: string): Scope =>
  scope(database, "app.root", rootId, sql`, set_config('statement_timeout', ${String(LIST_MS)}, true)`);

/** Shows the one row of `users` with this e-mail address, for a sign-in, when the root is not known yet. */
export const forSignIn = (database: Database, email: string): Scope =>
  scope(database, "app.sign_in", email.toLowerCase());
