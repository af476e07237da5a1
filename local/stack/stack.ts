import { join } from "node:path";
import { migrate, setApplicationPassword } from "../../drizzle/migrate.ts";
import { projectCrons, startCrons } from "./crons.ts";
import { buildDashboard } from "./dashboard-build.ts";
import { claimPort, freePort, HOST } from "./ports.ts";
import {
  type DatabaseAddress,
  databaseAddress,
  databaseProgram,
  forgetRouter,
  type Ports,
  routerProgram,
  simulatorProgram,
  siteProgram,
  writeWorkerVariables,
} from "./programs.ts";
import type { Ready } from "./ready.ts";
import { loadSecrets } from "./secrets.ts";
import { type DatabaseChoice, PROJECT_ROOT, type Settings } from "./settings.ts";
import { ensureKeys, readsRequests } from "./setup.ts";
import { Supervisor } from "./supervisor.ts";
import { readyLine, statusOf, waitFor } from "./wait.ts";

/** The whole product on one machine. */
export interface Stack {
  /** Starts all parts; resolves when router and site answer a real request. */
  start(): Promise<void>;
  /** What stands in `ready.json`, once `start` has resolved. */
  ready(): Ready;
  /** Keeps the parts running: see `Supervisor.watch`. */
  watch(onRestart: () => void): Promise<void>;
  /** Ends all parts, who depends on others first. */
  stop(): Promise<void>;
}

const LOOPBACK = `http://${HOST}`;

/** Claims the ports and prepares a stack in `settings.dataDir`, whose lock the caller holds. */
export async function createStack(settings: Settings, signal: AbortSignal): Promise<Stack> {
  const { dataDir } = settings;
  const ports: Ports = {
    router: await claimPort(settings.routerPort, "PORT"),
    dashboard: await claimPort(settings.dashboardPort, "DASHBOARD_PORT"),
    simulator: await freePort(),
    database: await freePort(),
  };
  const secrets = loadSecrets(dataDir);
  writeWorkerVariables(settings, ports, secrets);
  const supervisor = new Supervisor(dataDir, signal);
  const router = `${LOOPBACK}:${ports.router}`;
  const dashboard = `${LOOPBACK}:${ports.dashboard}`;

  const startDatabase = async () => {
    let ownerUrl = settings.database.kind === "neon" ? settings.database.ownerUrl : null;
    if (settings.database.kind !== "neon") {
      await supervisor.start({
        program: databaseProgram(settings, ports, secrets),
        answers: async (child) => {
          ({ ownerUrl } = (await waitFor(child, "it answered", () => readyLine(child), signal)) as {
            ownerUrl: string;
          });
        },
      });
    }
    if (ownerUrl !== null) await migrateDatabase(ownerUrl, databaseAddress(settings.database, ports, secrets));
  };
  const startSimulator = () =>
    supervisor.start({
      program: simulatorProgram(ports),
      answers: async (child) => void (await waitFor(child, "it answered", () => readyLine(child), signal)),
    });
  // wrangler takes as long to start as the database does, so they start together; but the Worker is asked nothing
  // before the database answers.
  const startRouter = (database: Promise<void>) =>
    supervisor.start({
      program: routerProgram(settings, ports),
      url: router,
      dependent: "pages",
      prepare: () => forgetRouter(settings),
      answers: async (child) => {
        await database;
        const healthy = async () => (await statusOf(`${router}/health`)) === 200 || undefined;
        await waitFor(child, "GET /health answered 200", healthy, signal);
      },
    });
  const startSite = async (keys: Promise<void>) => {
    await buildDashboard(dataDir);
    await supervisor.start({
      program: siteProgram(settings, ports),
      url: dashboard,
      answers: async (child) => {
        await keys;
        const served = async () => (await readsRequests(dashboard, secrets.adminKey as string)) || undefined;
        await waitFor(child, "GET /api/requests reached the router through it", served, signal);
      },
    });
  };

  return {
    async start() {
      const database = startDatabase();
      const keys = startRouter(database).then(() => ensureKeys(router, dataDir, secrets));
      await Promise.all([database, startSimulator(), keys, startSite(keys)]);
      startCrons(router, projectCrons(), signal);
    },
    ready: () => ({
      router,
      dashboard,
      apiKey: secrets.apiKey as string,
      admin: secrets.admin,
      adminKey: secrets.adminKey as string,
      simulator: `${LOOPBACK}:${ports.simulator}`,
      database: databaseAddress(settings.database, ports, secrets).endpoint ?? neonEndpoint(settings.database),
      pids: {
        start: process.pid,
        database: supervisor.pid("database"),
        simulator: supervisor.pid("simulator"),
        router: supervisor.pid("router"),
        pages: supervisor.pid("pages"),
      },
    }),
    watch: (onRestart) => supervisor.watch(onRestart),
    stop: () => supervisor.stop(["pages", "router", "simulator", "database"]),
  };
}

/** Applies the migrations that this database does not have yet, and lets the Worker's role sign in. */
async function migrateDatabase(ownerUrl: string, { appUrl, endpoint }: DatabaseAddress): Promise<void> {
  const owner = { url: ownerUrl, endpoint };
  await migrate({ ...owner, directory: join(PROJECT_ROOT, "migrations") });
  await setApplicationPassword(owner, appUrl);
}

/** Where Neon's HTTP driver asks for this host. */
const neonEndpoint = (choice: DatabaseChoice): string =>
  choice.kind === "neon" ? `https://${new URL(choice.url).hostname.replace(/^[^.]+\./, "api.")}/sql` : "";
