import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "./child.ts";
import { BUILT_DASHBOARD } from "./dashboard-build.ts";
import { writePrivateFile } from "./files.ts";
import { HOST } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import { type DatabaseChoice, PROJECT_ROOT, PROVIDERS, type Settings } from "./settings.ts";
import { prepareSiteProject } from "./site-project.ts";
import { StartError } from "./start-error.ts";

/** The ports of one start. */
export interface Ports {
  router: number;
  dashboard: number;
  simulator: number;
  database: number;
}

/** How the Worker reaches Postgres. `endpoint` is undefined on Neon, whose own is used. */
export interface DatabaseAddress {
  appUrl: string;
  endpoint: string | undefined;
}

const APPLICATION_ROLE = "gaia_app";
const WRANGLER = join(PROJECT_ROOT, "node_modules/wrangler/bin/wrangler.js");
/** The Worker's name in wrangler.toml, by which the site's service binding finds it in the registry. */
const WORKER_NAME = "gaiarouter";

export const simulatorProgram = (ports: Ports): Program => ({
  name: "simulator",
  args: [join(PROJECT_ROOT, "local/simulator/main.ts")],
  directory: PROJECT_ROOT,
  environment: { ...publicEnvironment(), SIMULATOR_PORT: String(ports.simulator) },
});

/** The local Neon-style endpoint, before the embedded Postgres or the one that `DATABASE_URL` names. */
export const databaseProgram = (settings: Settings, ports: Ports, secrets: Secrets): Program => ({
  name: "database",
  args: [join(PROJECT_ROOT, "local/database/main.ts")],
  directory: PROJECT_ROOT,
  environment: {
    ...publicEnvironment(),
    DATABASE_PORT: String(ports.database),
    APP_PASSWORD: secrets.appPassword,
    OWNER_PASSWORD: secrets.ownerPassword,
    ...(settings.database.kind === "postgres"
      ? { POSTGRES_URL: settings.database.url }
      : { DATABASE_DIR: join(settings.dataDir, "postgres") }),
  },
});

export const routerProgram = (settings: Settings, ports: Ports): Program => ({
  name: "router",
  args: [
    WRANGLER,
    "dev",
    "--local",
    ...listenArguments(ports.router),
    "--persist-to",
    join(settings.dataDir, "worker"),
    "--env-file",
    workerVariablesFile(settings),
    "--show-interactive-dev-session=false",
  ],
  directory: PROJECT_ROOT,
  environment: wranglerEnvironment(settings),
});

/** A killed router leaves its entry in the registry, and a new one would not get in until that is too old to be true. */
export const forgetRouter = ({ dataDir }: Settings): void =>
  rmSync(join(registryFolder(dataDir), WORKER_NAME), { force: true });

const registryFolder = (dataDir: string): string => join(dataDir, "registry");

/** A Worker of its own that finds the router in the registry; a second config of one wrangler would mean a second Ledger. */
export const siteProgram = (settings: Settings, ports: Ports): Program => ({
  name: "pages",
  args: [
    WRANGLER,
    "pages",
    "dev",
    BUILT_DASHBOARD,
    "--service",
    `ROUTER=${WORKER_NAME}`,
    // What the page tells people to call: the site cannot know where the router listens.
    "--binding",
    `ROUTER_URL=http://${HOST}:${ports.router}`,
    ...listenArguments(ports.dashboard),
    "--persist-to",
    join(settings.dataDir, "site/state"),
  ],
  directory: prepareSiteProject(settings.dataDir),
  environment: wranglerEnvironment(settings),
});

/** Known before the database runs, so that the Worker can be started beside it. */
export function databaseAddress(choice: DatabaseChoice, ports: Ports, secrets: Secrets): DatabaseAddress {
  if (choice.kind === "neon") return { appUrl: choice.url, endpoint: undefined };
  const appUrl = new URL(choice.kind === "postgres" ? choice.url : `postgres://${HOST}/postgres`);
  appUrl.username = APPLICATION_ROLE;
  appUrl.password = secrets.appPassword;
  return { appUrl: appUrl.href, endpoint: `http://${HOST}:${ports.database}/sql` };
}

/**
 * Writes the Worker's secrets and variables where wrangler reads them: a file of mode 0600, since everybody on the
 * machine can read a command line.
 */
export function writeWorkerVariables(settings: Settings, ports: Ports, secrets: Secrets): void {
  const database = databaseAddress(settings.database, ports, secrets);
  const variables = {
    DATABASE_URL: database.appUrl,
    DATABASE_ENDPOINT: database.endpoint,
    KEY_PEPPER: secrets.KEY_PEPPER,
    MASTER_KEY: secrets.MASTER_KEY,
    SESSION_SECRET: secrets.SESSION_SECRET,
    SETUP_TOKEN: secrets.SETUP_TOKEN,
    SIMULATOR_URL: `http://${HOST}:${ports.simulator}`,
    ...settings.workerVariables,
  };
  const lines = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoteVariable(value)}`],
  );
  writePrivateFile(workerVariablesFile(settings), `${lines.join("\n")}\n`);
}

const workerVariablesFile = (settings: Settings): string => join(settings.dataDir, "worker.env");

/** A value as wrangler's reader of such files takes it literally: in quotes that it does not hold, `$` not as a variable. */
export function quoteVariable(value: string): string {
  // Within double quotes the reader would take \n for a line break.
  const quotes = value.includes("\\") ? ["'", "`"] : ["'", "`", '"'];
  const quote = quotes.find((quote) => !value.includes(quote));
  if (quote === undefined || /[\r\n]/.test(value)) {
    throw new StartError("A variable for the Worker cannot hold line breaks, or all kinds of quotes at once.");
  }
  return quote + value.replaceAll("$", "\\$") + quote;
}

/** Port 0 of the inspector: any free one, so that two stacks do not meet there. */
const listenArguments = (port: number): string[] => ["--ip", HOST, "--port", String(port), "--inspector-port", "0"];

/** Our environment without what only the Worker may know, and without what would point wrangler elsewhere. */
function publicEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of ["DATABASE_URL", "DATABASE_OWNER_URL", "PROVIDER_CREDENTIALS", "CLOUDFLARE_ENV"])
    delete environment[name];
  for (const provider of PROVIDERS) delete environment[`${provider}_API_KEY`];
  return environment;
}

/** Everything wrangler keeps stays in the data directory; it asks nobody, reports nothing and looks for no newer self. */
const wranglerEnvironment = (settings: Settings): NodeJS.ProcessEnv => ({
  ...publicEnvironment(),
  CI: "1",
  NO_COLOR: "1",
  FORCE_COLOR: "0",
  WRANGLER_REGISTRY_PATH: registryFolder(settings.dataDir),
  WRANGLER_CACHE_DIR: join(settings.dataDir, "cache"),
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  // Otherwise it asks the internet where it stands, to fill `request.cf`.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
});
