import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { GatewayError, StorageError } from "../../errors.ts";
import { sqlstateOf } from "../../lib/database-error.ts";

/** Below what the client waits for a whole batch, so that Postgres does not work on for nobody. */
const BATCH_MS = 4_500;
/** Postgres' `query_canceled`. */
const CANCELED = "57014";

/** What one statement may keep in memory of groups; Postgres' own 4 MB are written to disk again and again. */
const MEMORY = "64MB";

/**
 * A query that bounds how long those after it in its transaction may take, all of them together. Compiling a statement
 * takes longer than running one of these: Postgres is told not to.
 */
export const limitStatement = (database: Database, statements: number) =>
  database.execute(sql`select set_config('statement_timeout', ${String(Math.floor(BATCH_MS / statements))}, true),
    set_config('jit', 'off', true), set_config('work_mem', ${MEMORY}, true)`);

/** Runs a reading of usage. Throws `query_timeout` where Postgres was stopped, and StorageError. */
export async function reading<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (sqlstateOf(error) === CANCELED) {
      const message = "This takes too long to add up. Choose a shorter period, or fewer groups.";
      throw new GatewayError("query_timeout", message, { cause: error });
    }
    throw new StorageError("usage could not be read", sqlstateOf(error), error);
  }
}

/**
 * Answers a root's queries in one transaction, in at most 4.5 seconds. Throws `query_timeout` where one takes too long, and StorageError.
 */
export async function readAll(
  database: Database,
  rootId: string,
  statements: readonly SQL[],
): Promise<Record<string, unknown>[][]> {
  const [, ...results] = await reading(() =>
    forRoot(database, rootId).batch([
      limitStatement(database, statements.length),
      ...statements.map((statement) => database.execute(statement)),
    ]),
  );
  return results.map(({ rows }) => rows);
}
