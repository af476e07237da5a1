import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../local/stack/ports.ts";
import { overServer, type TestDatabase } from "./database.ts";

/** A database in a process of its own, on disk, that can be killed and started again. */
export interface DatabaseProcess extends TestDatabase {
  /** Kill -9; whoever waits for an answer sees the connection break. */
  kill(): Promise<void>;
  /** Starts it again over what is on disk, at the same address. */
  start(): Promise<void>;
}

const MAIN = join(import.meta.dirname, "../../local/database/main.ts");

/** Starts the embedded Postgres as `npm start` does, migrated and with faults in its way. */
export async function startDatabaseProcess(): Promise<DatabaseProcess> {
  const directory = mkdtempSync(join(tmpdir(), "gaia-database-"));
  const port = await freePort();
  const environment = {
    ...{ PATH: process.env.PATH, DATABASE_PORT: String(port), DATABASE_DIR: join(directory, "postgres") },
    ...{ APP_PASSWORD: "app-password", OWNER_PASSWORD: "owner-password" },
  };
  let child: ChildProcess;
  const start = async () => {
    child = spawn(process.execPath, [MAIN], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    return JSON.parse(await firstLine(child)) as { url: string; appUrl: string; ownerUrl: string };
  };
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  };
  const close = async () => {
    await end("SIGTERM");
    rmSync(directory, { recursive: true, force: true });
  };
  const database = await overServer({ ...(await start()), close });
  return {
    ...database,
    async kill() {
      await end("SIGKILL");
      database.faults.drop();
    },
    async start() {
      await start();
    },
  };
}

/** What a process prints first; throws when it ends without. */
async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the database's output is not read");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the database did not start");
}
