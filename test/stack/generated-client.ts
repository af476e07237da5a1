import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Ready } from "../../local/stack/ready.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, ".cache/generated-client");
const WALK = join(ROOT, "test/generated-client");

const run = (script: string, args: string[], environment: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${script} failed:\n${error.stdout}${error.stderr}`);
  });

/**
 * Has a public generator (oazapfts) make a client from the document that a running stack serves, compiles it strictly with a
 * program that uses it, and runs that against the stack. Answers what the program said.
 */
export async function walkWithGeneratedClient({ router, adminKey }: Ready): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const document = join(FOLDER, "openapi.json");
  writeFileSync(document, await (await fetch(`${router}/openapi.json`)).text());
  await run("node_modules/oazapfts/dist/cli.js", [document, join(FOLDER, "client.ts")]);
  await run("node_modules/typescript/bin/tsc", ["-p", WALK]);
  return (await run("test/generated-client/walk.ts", [], { ADMIN_KEY: adminKey })).stdout;
}
