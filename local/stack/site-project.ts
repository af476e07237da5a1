import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "./settings.ts";

const DASHBOARD = join(PROJECT_ROOT, "dashboard");
const NAME = "gaiarouter-site";

/**
 * Makes the folder that `wrangler pages dev` runs in, and answers it: the dashboard's functions and configuration, under
 * another name, for on one machine the router and the site meet in one registry, where "gaiarouter" is the router. Its
 * package.json keeps wrangler from taking the project's root, and with it the router's wrangler.toml, for its own.
 */
export function prepareSiteProject(dataDir: string): string {
  const folder = join(dataDir, "site");
  mkdirSync(folder, { recursive: true });
  const configuration = readFileSync(join(DASHBOARD, "wrangler.toml"), "utf8");
  writeFileSync(join(folder, "wrangler.toml"), configuration.replace(/^name = .*$/m, `name = "${NAME}"`));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: NAME, private: true, type: "module" }));
  const functions = join(folder, "functions");
  rmSync(functions, { force: true });
  symlinkSync(join(DASHBOARD, "functions"), functions);
  return folder;
}
