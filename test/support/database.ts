import { join } from "node:path";
import { createClient, createDatabase, type Database } from "../../drizzle/client.ts";
import { migrate, setApplicationPassword } from "../../drizzle/migrate.ts";
import { startDatabase } from "../../local/database/start.ts";
import { type Faults, startFaults } from "./database-faults.ts";

export const MIGRATIONS = join(import.meta.dirname, "../../migrations");

export interface TestDatabase {
  /** The `/sql` URL, with the faults in its way. */
  endpoint: string;
  /** Connection string of `gaia_app`, for DATABASE_URL. */
  appUrl: string;
  /** Connection string of the owner, for DATABASE_OWNER_URL. */
  ownerUrl: string;
  /** Drizzle as the Worker has it: `gaia_app`, with the faults in its way. */
  database: Database;
  /** The owner's client, past faults and row-level security: `` await sql`select …` ``. */
  sql: ReturnType<typeof createClient>;
  faults: Faults;
  close(): Promise<void>;
}

/** An embedded Postgres in memory, migrated, on a free port. Takes some seconds to start: one a test file. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const server = await startDatabase({ port: 0, appPassword: "app-password", ownerPassword: "owner-password" });
  const { url, close } = server;
  return overServer({ url, close, appUrl: server.connectionString("app"), ownerUrl: server.connectionString("owner") });
}

/** A Postgres that answers at a Neon-style endpoint. */
export interface Server {
  url: string;
  appUrl: string;
  ownerUrl: string;
  close(): Promise<void>;
}

/** Migrates a new database and puts the faults before it. */
export async function overServer({ url, appUrl, ownerUrl, close }: Server): Promise<TestDatabase> {
  const owner = { url: ownerUrl, endpoint: url };
  await migrate({ ...owner, directory: MIGRATIONS });
  await setApplicationPassword(owner, appUrl);
  const faults = await startFaults(url);
  return {
    endpoint: faults.url,
    appUrl,
    ownerUrl,
    database: createDatabase({ url: appUrl, endpoint: faults.url }),
    sql: createClient(owner, 30_000),
    faults,
    async close() {
      await faults.close();
      await close();
    },
  };
}
