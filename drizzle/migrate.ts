import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient, type DatabaseOptions } from "./client.ts";
import { buildIndexes } from "./concurrent-indexes.ts";

/** A migration may build indexes. */
const FILE_TIMEOUT_MS = 600_000;
/** So long a file waits for a lock. Whoever comes after it waits as long: then it lets go, and tries again. */
const LOCK_TIMEOUT_MS = 3_000;
const LOCK_ATTEMPTS = 10;
const BETWEEN_ATTEMPTS_MS = 1_000;
/** Postgres' `lock_not_available`. */
const LOCKED = "55P03";
const BREAKPOINT = "--> statement-breakpoint";
const APPLICATION_ROLE = "gaia_app";

type Client = ReturnType<typeof createClient>;

export interface MigrateOptions extends DatabaseOptions {
  /** Folder of `NNNN_name.sql` files, applied in the order of their names. */
  directory: string;
  log?: (message: string) => void;
}

interface MigrationFile {
  name: string;
  sha256: string;
  statements: string[];
}

/**
 * Applies what is not applied yet, each file in one transaction together with its record, and returns the names of those
 * it applied; nobody waits for it for more than seconds (docs/migrations.md). `url` is the owner's. Throws when a file was changed after it had been applied, and the driver's error when
 * a statement fails (nothing of that file is kept).
 */
export async function migrate({ directory, log, ...database }: MigrateOptions): Promise<string[]> {
  const client = createClient(database, FILE_TIMEOUT_MS);
  const files = await readMigrations(directory);
  await createRecordTable(client);
  const applied: string[] = [];
  for (const file of files) {
    if (await isApplied(client, file)) continue;
    if (await apply(client, file)) {
      applied.push(file.name);
      log?.(`applied migration ${file.name}`);
    }
  }
  return applied;
}

/** Lets the application's role sign in with the password of `applicationUrl`, its connection string. */
export async function setApplicationPassword(owner: DatabaseOptions, applicationUrl: string): Promise<void> {
  const { username, password } = new URL(applicationUrl);
  if (decodeURIComponent(username) !== APPLICATION_ROLE || password === "") {
    throw new Error(`DATABASE_URL must name the user ${APPLICATION_ROLE} and its password`);
  }
  const client = createClient(owner, FILE_TIMEOUT_MS);
  // ALTER ROLE takes no parameters: Postgres itself quotes the password into the statement.
  const [row] = await client.query(
    "select format('alter role %I login password %L', $1::text, $2::text) as statement",
    [APPLICATION_ROLE, decodeURIComponent(password)],
  );
  await client.query(row?.statement);
}

/** The `.sql` files of a folder, split into statements: the protocol takes one a query. */
async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), "utf8");
      const statements = text.split(BREAKPOINT).filter((statement) => statement.trim() !== "");
      return { name, sha256: createHash("sha256").update(text).digest("hex"), statements };
    }),
  );
}

/** Two migrations at the same time take turns, until the end of the transaction. */
const takeTurn = (client: Client) =>
  client.query("select pg_advisory_xact_lock(hashtextextended('gaia_migrations', 0))");

async function createRecordTable(client: Client): Promise<void> {
  await client.transaction([
    takeTurn(client),
    client.query(
      "create table if not exists gaia_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())",
    ),
  ]);
}

/** Whether the file stands in the record. Throws when it stood otherwise there. */
async function isApplied(client: Client, file: MigrationFile): Promise<boolean> {
  const [record] = await client.query("select sha256 from gaia_migrations where name = $1", [file.name]);
  if (record === undefined) return false;
  if (record.sha256 === file.sha256) return true;
  throw new Error(`${file.name} was changed after it had been applied: restore it and write a new migration`);
}

/** Runs one file with its record. False: somebody else applied it in the meantime. */
async function apply(client: Client, file: MigrationFile): Promise<boolean> {
  await buildIndexes(client, file.statements);
  for (let attempt = 1; ; attempt++) {
    try {
      await client.transaction([
        takeTurn(client),
        client.query("insert into gaia_migrations (name, sha256) values ($1, $2)", [file.name, file.sha256]),
        client.query("select set_config('lock_timeout', $1, true)", [String(LOCK_TIMEOUT_MS)]),
        ...file.statements.map((statement) => client.query(statement)),
      ]);
      return true;
    } catch (error) {
      // The record comes first, so that whoever was second fails on it before touching anything.
      if (await isApplied(client, file)) return false;
      if (!isLocked(error) || attempt === LOCK_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_ATTEMPTS_MS));
    }
  }
}

const isLocked = (error: unknown): boolean => (error as { code?: unknown }).code === LOCKED;

/** Sums up days of before daily sums, one a transaction. The Worker's cron would do the same in time. */
async function backfill(owner: DatabaseOptions, log: (message: string) => void): Promise<void> {
  const client = createClient(owner, FILE_TIMEOUT_MS);
  for (;;) {
    const [row] = await client.query("select gaia_backfill_usage(1) as left");
    if (Number(row?.left ?? 0) === 0) return;
    log(`${row?.left} days are still to be summed up`);
  }
}

/** The command line: `DATABASE_OWNER_URL`, and optionally `DATABASE_URL` and `DATABASE_ENDPOINT`. */
async function main(): Promise<void> {
  const { DATABASE_OWNER_URL: url, DATABASE_URL: applicationUrl, DATABASE_ENDPOINT: endpoint } = process.env;
  if (url === undefined || url === "") throw new Error("DATABASE_OWNER_URL must be the owner's connection string");
  const directory = join(import.meta.dirname, "../migrations");
  const applied = await migrate({ url, endpoint, directory, log: console.log });
  if (applied.length === 0) console.log("nothing to migrate");
  if (applicationUrl) await setApplicationPassword({ url, endpoint }, applicationUrl);
  await backfill({ url, endpoint }, console.log);
}

if (import.meta.main) await main();
