import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const dataDirs: string[] = [];
// Registered before the test file's own hooks, it runs after them.
afterAll(() => {
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

/** A data directory of a test's own, deleted when the test file is done. */
export function temporaryDataDir(): string {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "gaia-stack-")));
  dataDirs.push(dataDir);
  return dataDir;
}
