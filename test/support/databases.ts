import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { TestProject } from "vitest/node";
import { migrate, setApplicationPassword } from "../../drizzle/migrate.ts";

/**
 * Databases for all test files of a run. Each is a thread with an embedded Postgres of its own. Compiling PGlite,
 * `initdb` and the migrations take more of a core than most tests: they are done once, and every database begins as a copy.
 */

declare module "vitest" {
  interface ProvidedContext {
    /** `POST` makes a database and answers its `DatabaseAddresses`; `DELETE` with one's `url` as the body ends it. */
    databases: string;
  }
}

export interface DatabaseAddresses {
  /** The Neon-style endpoint. */
  url: string;
  /** Connection strings of `gaia_app` and of the owner. */
  appUrl: string;
  ownerUrl: string;
}

export interface ThreadData {
  wasm: WebAssembly.Module;
  /** The files of the database to copy; null: a new, empty one. */
  template: Blob | null;
}

export type ThreadRequest = "dump" | "close";

const THREAD = join(import.meta.dirname, "database-thread.ts");
const MIGRATIONS = join(import.meta.dirname, "../../migrations");

/** vitest's global set-up for tests that need databases. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const data = await prepare();
  const open = new Map<string, Worker>();
  // The next one is made while nobody waits for it.
  let next = start(data);
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const made = next;
      next = start(data);
      const { thread, addresses } = await made;
      open.set(addresses.url, thread);
      response.end(JSON.stringify(addresses));
      return;
    }
    let url = "";
    for await (const part of request.setEncoding("utf8")) url += part;
    const thread = open.get(url);
    open.delete(url);
    if (thread !== undefined) await close(thread);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  project.provide("databases", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    await Promise.all([...open.values(), (await next).thread].map(close));
    server.closeAllConnections();
    server.close();
  };
}

/** PGlite, compiled, and the files of a database that is migrated. */
async function prepare(): Promise<ThreadData> {
  const program = join(dirname(createRequire(import.meta.url).resolve("@electric-sql/pglite")), "pglite.wasm");
  const wasm = await WebAssembly.compile(await readFile(program));
  const { thread, addresses } = await start({ wasm, template: null });
  const owner = { url: addresses.ownerUrl, endpoint: addresses.url };
  await migrate({ ...owner, directory: MIGRATIONS });
  await setApplicationPassword(owner, addresses.appUrl);
  const dumped = once(thread, "message");
  thread.postMessage("dump" satisfies ThreadRequest);
  const [files] = (await dumped) as [ArrayBuffer];
  await close(thread);
  return { wasm, template: new Blob([files]) };
}

async function start(data: ThreadData): Promise<{ thread: Worker; addresses: DatabaseAddresses }> {
  const thread = new Worker(THREAD, { workerData: data });
  const [addresses] = (await once(thread, "message")) as [DatabaseAddresses];
  return { thread, addresses };
}

async function close(thread: Worker): Promise<void> {
  const ended = once(thread, "exit");
  thread.postMessage("close" satisfies ThreadRequest);
  await ended;
}
