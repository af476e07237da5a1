import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { type Simulator, startSimulator } from "../../local/simulator/server.ts";
import { freePort } from "../../local/stack/ports.ts";
import { REFERENCE } from "../../local/workerd/bundle.ts";
import { type ServedWorker, type ServeOptions, serveWorker } from "../../local/workerd/serve.ts";
import { startTestDatabase, type TestDatabase } from "./database.ts";
import { writeWeathered } from "./ledger-weather.ts";

const SECRET = "a-secret-for-tests-of-at-least-32-characters";

export interface GatewayOptions {
  /** More text bindings, e.g. base URLs and keys of an upstream of the test's own. */
  bindings?: Record<string, string>;
  /** Milliseconds between the simulator's chunks; by default none. */
  pace?: number;
  /** Directives for the simulator by a request's body, for models that must be priced. */
  misbehaviour?: (bodyText: string) => string;
  /** `host:port` of what stands for the addresses that clients name. */
  internet?: string;
  /** The way to the Ledger can be disturbed (`ledger-weather.ts`). */
  weather?: boolean;
  /** By default one in this process, in memory. */
  database?: TestDatabase;
}

/** The router's production bundle in plain workerd, on a loopback port, over a real database and the simulator. */
export interface Gateway {
  url: string;
  /** A key that may read and write. */
  apiKey: string;
  /** A key for the management API. */
  adminKey: string;
  rootId: string;
  simulator: Simulator;
  database: TestDatabase;
  worker: ServedWorker;
  /** What workerd wrote: the Worker's log, one JSON line an entry. */
  output(): string;
  /** Kills workerd and starts it again; `cold` also takes away what its Ledgers had stored. */
  restart(options: { cold: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything; takes some seconds, so one a test file. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const directory = mkdtempSync(join(tmpdir(), "gaia-gateway-"));
  const misbehaving = options.misbehaviour === undefined ? {} : { misbehaviour: options.misbehaviour };
  const [database, simulator] = await Promise.all([
    options.database ?? startTestDatabase(),
    startSimulator({ port: 0, host: "127.0.0.1", pace: options.pace ?? 0, ...misbehaving }),
  ]);
  let module = inject("bundle");
  if (options.weather === true) {
    module = join(directory, "weathered.js");
    writeWeathered(inject("bundle"), module);
  }
  let output = "";
  const port = await freePort();
  const serving: ServeOptions = {
    module,
    directory,
    port,
    bindings: {
      DATABASE_URL: database.appUrl,
      DATABASE_ENDPOINT: database.endpoint,
      KEY_PEPPER: SECRET,
      MASTER_KEY: SECRET,
      SESSION_SECRET: SECRET,
      SETUP_TOKEN: SECRET,
      SIMULATOR_URL: simulator.url,
      ...options.bindings,
    },
    assets: REFERENCE,
    durableObjects: { LEDGER: "Ledger", LEDGER_SHARD: "LedgerShard" },
    ...(options.internet === undefined ? {} : { internet: options.internet }),
    onOutput: (text) => {
      output += text;
    },
  };
  let worker = await serveWorker(serving);
  const response = await fetch(`${worker.url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      token: SECRET,
      organization: "Test",
      email: "admin@example.com",
      password: "a long password",
    }),
  });
  if (response.status !== 201) throw new Error(`set-up failed: ${response.status} ${await response.text()}`);
  const made = (await response.json()) as { api_key: string; admin_key: string; organization: { id: string } };
  return {
    url: worker.url,
    apiKey: made.api_key,
    adminKey: made.admin_key,
    rootId: made.organization.id,
    simulator,
    database,
    get worker() {
      return worker;
    },
    output: () => output,
    async restart({ cold }) {
      worker.process.kill("SIGKILL");
      await worker.close();
      if (cold) rmSync(join(directory, "objects"), { recursive: true });
      worker = await serveWorker(serving);
    },
    async stop() {
      await worker.close();
      await Promise.all([simulator.close(), database.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Calls the management API with the admin key, and answers the body of a success; throws for anything else. */
export async function manageGateway(
  { url, adminKey }: Pick<Gateway, "url" | "adminKey">,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

/** A row of `GET /api/requests`, in the part tests look at. */
export interface RequestRow {
  id: string;
  dialect: string;
  operation: string;
  provider: string;
  requested_model: string;
  upstream_model: string;
  outcome: string;
  status: number;
  error_code: string | null;
  stop_reason: string | null;
  streamed: boolean;
  tokens: { input_uncached: number; cache_read: number; cache_write: number; output: number; reasoning: number };
  cost_nano: number;
  exact: boolean;
  upstream_request_id: string | null;
  /** What the cost is the sum of. */
  cost_terms: object[];
}

/** The row of one request, awaited until it has been drained to Postgres. */
export async function requestRow(gateway: Pick<Gateway, "url" | "adminKey">, requestId: string): Promise<RequestRow> {
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(`${gateway.url}/api/requests/${requestId}`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    if (response.status === 200) return (await response.json()) as RequestRow;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no row came for ${requestId}`);
}
