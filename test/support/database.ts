import { join } from "node:path";
import { inject } from "vitest";
import { createClient, createDatabase, type Database } from "../../drizzle/client.ts";
import { migrate, setApplicationPassword } from "../../drizzle/migrate.ts";
import { type Faults, startFaults } from "./database-faults.ts";
import type { DatabaseAddresses } from "./databases.ts";

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

/** An embedded Postgres in memory, migrated, on a free port (`databases.ts`). */
export async function startTestDatabase(): Promise<TestDatabase> {
  const databases = inject("databases");
  const made = await fetch(databases, { method: "POST" });
  const addresses = (await made.json()) as DatabaseAddresses;
  const close = async () => {
    await fetch(databases, { method: "DELETE", body: addresses.url });
  };
  return withFaults({ ...addresses, close });
}

/** A Postgres that answers at a Neon-style endpoint. */
export interface Server extends DatabaseAddresses {
  close(): Promise<void>;
}

/** Migrates a new database and puts the faults before it. */
export async function overServer(server: Server): Promise<TestDatabase> {
  const owner = { url: server.ownerUrl, endpoint: server.url };
  await migrate({ ...owner, directory: MIGRATIONS });
  await setApplicationPassword(owner, server.appUrl);
  return withFaults(server);
}

async function withFaults({ url, appUrl, ownerUrl, close }: Server): Promise<TestDatabase> {
  const owner = { url: ownerUrl, endpoint: url };
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
