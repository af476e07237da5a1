import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClient } from "../../drizzle/client.ts";

const MAIN = join(import.meta.dirname, "../../local/database/main.ts");

let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "gaia-database-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, "SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

/** Starts the database's own process and waits for its line. */
async function start() {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, DATABASE_DIR: directory, APP_PASSWORD: "app", OWNER_PASSWORD: "owner" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  const { url, ownerUrl } = JSON.parse(line);
  return { child, sql: createClient({ url: ownerUrl, endpoint: url }, 30_000) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, "exit");
  child.kill(signal);
  const [code] = await exit;
  return code;
}

test("every acknowledged row is there after kill -9", async () => {
  let { child, sql } = await start();
  await sql`create table rows (id int primary key)`;
  const acknowledged: number[] = [];
  const writers = [0, 1, 2, 3].map(async (writer) => {
    for (let id = writer; ; id += 4) {
      await sql`insert into rows values (${id})`;
      acknowledged.push(id);
      // Killed in the middle of the others' writes.
      if (acknowledged.length === 200) child.kill("SIGKILL");
    }
  });
  for (const writer of await Promise.allSettled(writers)) expect(writer.status).toBe("rejected");
  await end(child, "SIGKILL");
  expect(acknowledged.length).toBeGreaterThanOrEqual(200);

  ({ child, sql } = await start());
  const rows = await sql`select id from rows`;
  const stored = new Set(rows.map((row) => row.id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
});

test("ends on SIGTERM with its data written, and starts again", async () => {
  let { child, sql } = await start();
  await sql`create table rows (id int)`;
  await sql`insert into rows values (1)`;
  expect(await end(child, "SIGTERM")).toBe(0);
  ({ child, sql } = await start());
  expect(await sql`select id from rows`).toEqual([{ id: 1 }]);
  expect(await end(child, "SIGINT")).toBe(0);
});
