import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import type { Ready } from "../../local/stack/ready.ts";
import { chromiumPath } from "./chromium.ts";
import { removeStack, startStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The stack that all files of the project `browser` share. */
    stack: Ready;
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
  provide("stack", stack.ready);
  provide("dataDir", dataDir);
  provide("chromium", server.wsEndpoint());
  return async () => {
    await server.close();
    await removeStack(stack);
    rmSync(dataDir, { recursive: true, force: true });
  };
}
