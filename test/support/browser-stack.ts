import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { createClient, type DatabaseOptions } from "../../drizzle/client.ts";
import { PGLITE_OWNER } from "../../local/database/pglite-backend.ts";
import type { Ready } from "../../local/stack/ready.ts";
import { loadSecrets } from "../../local/stack/secrets.ts";
import { chromiumPath } from "./chromium.ts";
import { makePastPartition } from "./past-partition.ts";
import { removeStack, startStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The stack that all files of the project `browser` share. */
    stack: Ready;
    /** Its database, as the Worker reaches it: for what would take too long to make through the API. */
    database: DatabaseOptions;
    /** Where that stack keeps its secrets. */
    dataDir: string;
    /** Where the one Chromium listens. */
    chromium: string;
  }
}

/** One stack and one browser for all files of the project: each test has a profile of its own, and rows of its own. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await chromium.launchServer({ args: ["--no-sandbox"], executablePath: await chromiumPath() });
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "gaia-browser-")));
  const stack = await startStack(dataDir);
  const { appPassword, ownerPassword } = loadSecrets(dataDir);
  const as = (user: string, password: string): DatabaseOptions => ({
    url: `postgres://${user}:${password}@127.0.0.1/postgres`,
    endpoint: stack.ready.database,
  });
  await makePastPartition({ sql: createClient(as(PGLITE_OWNER, ownerPassword), 30_000) });
  provide("stack", stack.ready);
  provide("database", as("gaia_app", appPassword));
  provide("dataDir", dataDir);
  provide("chromium", server.wsEndpoint());
  return async () => {
    await server.close();
    await removeStack(stack);
    rmSync(dataDir, { recursive: true, force: true });
  };
}
