import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

/** Where the build that wrangler.toml names puts the files of the API's reference. */
export const REFERENCE = join(root, ".cache/reference");

/**
 * The production bundle of the Worker, as `wrangler deploy` would upload it, without uploading it.
 *
 * @param directory where it goes; made when missing.
 * @param entry another Worker's module, to be bundled in the same way.
 * @returns the path of its one module.
 */
export async function buildBundle(directory: string, entry?: string): Promise<string> {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const options = [
    "deploy",
    ...(entry === undefined ? [] : [entry]),
    "--dry-run",
    "--outdir",
    directory,
    "--config",
    join(root, "wrangler.toml"),
  ];
  await promisify(execFile)(process.execPath, [wrangler, ...options], {
    cwd: root,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
  });
  const module = readdirSync(directory).find((name) => name.endsWith(".js"));
  if (module === undefined) throw new Error(`wrangler wrote no module into ${directory}`);
  return join(directory, module);
}
