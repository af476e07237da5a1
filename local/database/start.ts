import type { AddressInfo } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import type { Backend, Login } from "./backend.ts";
import { startEndpoint } from "./endpoint.ts";
import { createPgliteBackend, PGLITE_OWNER } from "./pglite-backend.ts";
import { createPostgresBackend } from "./postgres-backend.ts";

const APPLICATION_ROLE = "gaia_app";

export interface DatabaseServerOptions {
  /** Folder of the embedded Postgres; without it and without `postgresUrl` it lives in memory. */
  dataDir?: string | undefined;
  /** An embedded Postgres that is open already, in place of that folder's. */
  pglite?: PGlite | undefined;
  /** Owner's connection string of a real Postgres, to be used instead of the embedded one. */
  postgresUrl?: string | undefined;
  /** 0 takes a free port. */
  port: number;
  host?: string | undefined;
  /** Password of the application's role. */
  appPassword: string;
  /** Password of the embedded Postgres' owner; a real Postgres' owner has theirs in `postgresUrl`. */
  ownerPassword?: string | undefined;
}

export interface DatabaseServer {
  /** The Neon-style endpoint: `http://127.0.0.1:5433/sql`. */
  url: string;
  /** What to give to `DATABASE_URL` (`app`) and `DATABASE_OWNER_URL` (`owner`). */
  connectionString(role: "owner" | "app"): string;
  /** Lets running queries end, then writes everything to disk. */
  close(): Promise<void>;
}

/** Starts a Postgres behind an endpoint that speaks Neon's HTTP protocol. Resolves when it answers queries. */
export async function startDatabase(options: DatabaseServerOptions): Promise<DatabaseServer> {
  const { port, host = "127.0.0.1", appPassword } = options;
  const { backend, owner, location } = await openBackend(options);
  const server = await startEndpoint(backend, owner, port, host).catch(async (error) => {
    await backend.close();
    throw error;
  });
  const logins = { owner, app: { user: APPLICATION_ROLE, password: appPassword } };
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/sql`,
    connectionString(role) {
      const url = new URL(location);
      url.username = encodeURIComponent(logins[role].user);
      url.password = encodeURIComponent(logins[role].password);
      return url.href;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
      await backend.close();
    },
  };
}

async function openBackend(
  options: DatabaseServerOptions,
): Promise<{ backend: Backend; owner: Login; location: string }> {
  const { dataDir, postgresUrl, appPassword, ownerPassword } = options;
  if (postgresUrl !== undefined) {
    const { username, password } = new URL(postgresUrl);
    const owner = { user: decodeURIComponent(username), password: decodeURIComponent(password) };
    return { backend: createPostgresBackend(postgresUrl), owner, location: postgresUrl };
  }
  if (ownerPassword === undefined) throw new Error("the embedded Postgres needs ownerPassword");
  const owner = { user: PGLITE_OWNER, password: ownerPassword };
  const passwords = new Map([
    [owner.user, owner.password],
    [APPLICATION_ROLE, appPassword],
  ]);
  const backend = createPgliteBackend(options.pglite ?? (await PGlite.create(dataDir)), passwords);
  return { backend, owner, location: "postgres://127.0.0.1/postgres" };
}
