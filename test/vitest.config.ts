import { join } from "node:path";
import { defineConfig } from "vitest/config";

const support = (name: string) => join(import.meta.dirname, "support", name);

/** One project a kind of proof, so that a developer can run the one at hand: `npx vitest --project unit`. */
const project = (name: string, testTimeout: number, globalSetup: string[] = []) => ({
  test: {
    name,
    root: import.meta.dirname,
    include: [`${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 120_000,
    globalSetup,
  },
});

/**
 * One whose files are run by processes that stay, one after the other: to load the router and the SDKs anew for each file
 * takes a fifth of all the time there is.
 */
const sharing = (...given: Parameters<typeof project>) => ({
  test: { ...project(...given).test, isolate: false, setupFiles: [support("leave-nothing.ts")] },
});

export default defineConfig({
  test: {
    // One more than CI has cores: many tests wait for a clock or for another process.
    maxWorkers: 3,
    // Tests that are marked concurrent wait for a gateway, not for a core.
    maxConcurrency: 24,
    // What is waited for comes; a busy machine may take its time.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      project("architecture", 20_000),
      sharing("unit", 60_000),
      sharing("simulator", 30_000),
      sharing("database", 60_000, [support("databases.ts")]),
      sharing("worker", 120_000, [support("databases.ts"), support("bundle.ts")]),
      project("stack", 300_000),
      project("browser", 120_000, [support("browser-stack.ts")]),
    ],
  },
});
