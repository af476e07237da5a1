import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import type { DatabaseOptions } from "../../drizzle/client.ts";
import type { Ready } from "../../local/stack/ready.ts";
import { loadSecrets } from "../../local/stack/secrets.ts";
import { chromiumPath } from "./chromium.ts";
import { removeStack, startStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The stack that all files of the project `browser` share. */
    stack: Ready;
    /** Its database, as the Worker reaches it: for what would take too long to make through the API. */
    database: DatabaseOptions;
    /** Where the one Chromium listens. */
    chromium: string;
  }
}

/** One stack and one browser for all files of the project: each test has a profile of its own, and rows of its own. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await chromium.launchServer({ args: ["--no-sandbox"], executablePath: await chromiumPath() });
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "gaia-browser-")));
  const stack = await startStack(dataDir);
  const { appPassword } = loadSecrets(dataDir);
  provide("stack", stack.ready);
  provide("database", {
    url: `postgres://gaia_app:${appPassword}@127.0.0.1/postgres`,
    endpoint: stack.ready.database,
  });
  provide("chromium", server.wsEndpoint());
  return async () => {
    await server.close();
    await removeStack(stack);
    rmSync(dataDir, { recursive: true, force: true });
  };
}
