import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** `npm run compatibility`: plays the matrix and writes docs/compatibility.md. One file at a time, since all write it. */
const root = join(import.meta.dirname, "../../..");
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    ...["run", "--config", "test/vitest.config.ts", "--project", "worker", "--no-file-parallelism", "worker/matrix/"],
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, COMPATIBILITY: "write" } },
);
process.exitCode = status ?? 1;
