import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildBundle } from "../../local/workerd/bundle.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the production bundle's module, built once for all tests that serve it. */
    bundle: string;
  }
}

/** vitest's global set-up for tests that run the Worker: bundles it once. */
export async function setup(project: TestProject): Promise<void> {
  project.provide("bundle", await buildBundle(mkdtempSync(join(tmpdir(), "gaia-bundle-"))));
}
