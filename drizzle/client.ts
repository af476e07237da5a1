import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as schema from "./schema/index.ts";

/** How long one call, a query or a whole batch, may take before it is given up. */
const CALL_TIMEOUT_MS = 5_000;

export interface DatabaseOptions {
  /** `postgres://user:password@host/database`. */
  url: string;
  /** The `/sql` URL of an endpoint that speaks Neon's protocol; without it, the driver asks Neon's own for `url`'s host. */
  endpoint?: string | undefined;
}

// The driver takes an endpoint only for the whole process, but hands each client's fetch options through: so the
// endpoint travels there, and two databases in one process do not get in each other's way.
neonConfig.fetchFunction = (neonUrl: string, { endpoint, ...init }: RequestInit & { endpoint?: string }) =>
  fetch(endpoint ?? neonUrl, init);

/** The Neon HTTP driver for one database. Every call ends after `timeoutMs`, with an error that has no SQLSTATE. */
export const createClient = ({ url, endpoint }: DatabaseOptions, timeoutMs: number) =>
  neon(url, {
    fetchOptions: {
      endpoint,
      // The driver copies these options for each call, which runs the getter: a new signal, hence a new deadline.
      get signal() {
        return AbortSignal.timeout(timeoutMs);
      },
    },
  });

/**
 * Drizzle over Neon's HTTP driver: one HTTP request a query, no session. `transaction` is missing because the driver
 * has none; what must happen together goes into one `batch`.
 */
export type Database = Omit<NeonHttpDatabase<typeof schema>, "transaction">;

/**
 * Opens nothing: a database costs no connection until it is asked. Rows of tenants are reached through `forRoot`
 * (`tenant.ts`) only. `timeoutMs`: how long one call may take. Failures throw the driver's error, with the SQLSTATE as `code` where Postgres gave one.
 */
export const createDatabase = (options: DatabaseOptions, timeoutMs = CALL_TIMEOUT_MS): Database =>
  drizzle(createClient(options, timeoutMs), { schema });
