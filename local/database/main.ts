import { startDatabase } from "./start.ts";

/**
 * The database as a process of its own. Environment: `DATABASE_PORT`, `DATABASE_DIR` or `POSTGRES_URL`, `APP_PASSWORD`,
 * `OWNER_PASSWORD` (embedded only). Prints one line when it answers, `{"url", "appUrl", "ownerUrl"}`; ends on SIGTERM
 * and SIGINT once everything is on disk.
 */
const { DATABASE_PORT, DATABASE_DIR, POSTGRES_URL, APP_PASSWORD, OWNER_PASSWORD } = process.env;
if (!APP_PASSWORD) throw new Error("APP_PASSWORD must be set");
if (!DATABASE_DIR && !POSTGRES_URL) throw new Error("DATABASE_DIR or POSTGRES_URL must be set");

const database = await startDatabase({
  port: Number(DATABASE_PORT ?? 0),
  dataDir: DATABASE_DIR || undefined,
  postgresUrl: POSTGRES_URL || undefined,
  appPassword: APP_PASSWORD,
  ownerPassword: OWNER_PASSWORD || undefined,
});

let stopping = false;
/** Ctrl-C reaches the whole process group and then our parent's SIGTERM comes as well: the first of them counts. */
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await database.close();
  process.exit(0);
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

console.log(
  JSON.stringify({
    url: database.url,
    appUrl: database.connectionString("app"),
    ownerUrl: database.connectionString("owner"),
  }),
);
