import { join } from "node:path";
import { defineConfig } from "vitest/config";

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

const support = (name: string) => join(import.meta.dirname, "support", name);

export default defineConfig({
  test: {
    // One more than CI has cores: many tests wait for a clock or for another process.
    maxWorkers: 3,
    // Tests that are marked concurrent wait for a gateway, not for a core.
    maxConcurrency: 24,
    projects: [
      project("architecture", 20_000),
      project("unit", 60_000),
      project("simulator", 30_000),
      project("database", 60_000, [support("databases.ts")]),
      project("worker", 120_000, [support("databases.ts"), support("bundle.ts")]),
      project("stack", 300_000),
      project("browser", 120_000),
    ],
  },
});
