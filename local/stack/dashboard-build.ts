import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { startChild, tail } from "./child.ts";
import { PROJECT_ROOT } from "./settings.ts";
import { StartError } from "./start-error.ts";

const DASHBOARD = join(PROJECT_ROOT, "dashboard");
/** Apart from `dashboard/dist`, which is for what will be uploaded. */
export const BUILT_DASHBOARD = join(PROJECT_ROOT, ".cache/dashboard");
/** Not part of the page: what the build writes, and what wrangler compiles itself. */
const NO_SOURCES = new Set(["dist", "functions", "node_modules", ".wrangler"]);

/** Builds the dashboard when it has never been built, or has changed since. */
export async function buildDashboard(dataDir: string): Promise<void> {
  if (isFresh()) return;
  // Built aside and moved into place, since another stack may be serving the old one.
  const aside = join(PROJECT_ROOT, ".cache", `dashboard-${process.pid}`);
  const build = await startChild(
    {
      name: "build",
      args: [
        join(PROJECT_ROOT, "node_modules/vite/bin/vite.js"),
        "build",
        "dashboard",
        "--outDir",
        aside,
        "--emptyOutDir",
      ],
      directory: PROJECT_ROOT,
      environment: { ...process.env, NODE_ENV: "production" },
    },
    dataDir,
  );
  if ((await build.exited) !== 0) throw new StartError(`The dashboard could not be built. ${tail(build)}`);
  moveIntoPlace(aside);
}

function moveIntoPlace(built: string): void {
  const old = `${built}-old`;
  try {
    if (existsSync(BUILT_DASHBOARD)) renameSync(BUILT_DASHBOARD, old);
    renameSync(built, BUILT_DASHBOARD);
  } catch (error) {
    // Another start may have been quicker; then its page is as good as ours.
    if (!isFresh()) throw error;
  }
  for (const folder of [built, old]) rmSync(folder, { recursive: true, force: true });
}

function isFresh(): boolean {
  const page = join(BUILT_DASHBOARD, "index.html");
  return existsSync(page) && statSync(page).mtimeMs >= newest(DASHBOARD, NO_SOURCES);
}

/** Time of the last change below a folder, in milliseconds since the epoch. */
function newest(folder: string, without: Set<string>): number {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !without.has(entry.name))
      .map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? newest(path, without) : statSync(path).mtimeMs;
      }),
  );
}
