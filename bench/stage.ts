import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { migrate, setApplicationPassword } from "../drizzle/migrate.ts";
import { freePort } from "../local/stack/ports.ts";
import { buildBundle } from "../local/workerd/bundle.ts";
import { type ServedWorker, serveWorker } from "../local/workerd/serve.ts";
import type { LedgerHealth } from "../worker/ledger/contract.ts";
import { probeUrl, writeProbed } from "./probe.ts";
import { type Program, startProgram } from "./processes.ts";

/** The least a Worker can do in front of a provider: the floor that every figure is held against. */
const FLOOR = `export default {
  fetch(request, env) {
    return fetch(env.UPSTREAM + new URL(request.url).pathname + new URL(request.url).search, request);
  },
};
`;

/**
 * The least a Worker can do that changes every event of a stream: read, parse, stringify, write, chunk by chunk. What
 * translation is held against.
 */
const LOOP = `export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const response = await fetch(env.UPSTREAM + url.pathname + url.search, request);
    const { readable, writable } = new IdentityTransformStream();
    const pump = async () => {
      const reader = response.body.getReader();
      const writer = writable.getWriter();
      const decoder = new TextDecoder();
      const encoder = new TextEncoder();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const lines = (rest + decoder.decode(value, { stream: true })).split("\\n");
        rest = lines.pop();
        let out = "";
        for (const line of lines) {
          if (!line.startsWith("data: {")) out += line + "\\n";
          else out += "data: " + JSON.stringify(JSON.parse(line.slice(6))) + "\\n";
        }
        await writer.write(encoder.encode(out));
      }
      await writer.write(encoder.encode(rest));
      await writer.close();
    };
    pump();
    return new Response(readable, response);
  },
};
`;

const ROOT = join(import.meta.dirname, "..");
const SECRET = "a-secret-for-benchmarks-of-32-characters-or-more";

/** Everything that runs, each part in a process of its own. */
export interface Stage {
  floor: ServedWorker;
  /** The loop that parses and writes each event anew. */
  loop: ServedWorker;
  router: ServedWorker;
  apiKey: string;
  adminKey: string;
  rootId: string;
  /** Bytes of the bundle, as it is and in gzip. */
  bundle: { raw: number; gzip: number };
  ledger(): Promise<LedgerHealth>;
  /** Waits until every request is settled and in Postgres. */
  settled(): Promise<LedgerHealth>;
  close(): Promise<void>;
}

async function startDatabase(directory: string): Promise<Program> {
  const program = await startProgram(join(ROOT, "local/database/main.ts"), {
    DATABASE_PORT: "0",
    DATABASE_DIR: join(directory, "postgres"),
    APP_PASSWORD: "app-password",
    OWNER_PASSWORD: "owner-password",
    POSTGRES_URL: "",
  });
  const { url: endpoint = "", ownerUrl: url = "", appUrl = "" } = program.ready;
  await migrate({ url, endpoint, directory: join(ROOT, "migrations") });
  await setApplicationPassword({ url, endpoint }, appUrl);
  return program;
}

/** A first organization with its key. */
async function setUp(router: string): Promise<Pick<Stage, "apiKey" | "adminKey" | "rootId">> {
  const response = await fetch(`${router}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      token: SECRET,
      organization: "Benchmark",
      email: "admin@example.com",
      password: "a long password",
    }),
  });
  if (response.status !== 201) throw new Error(`set-up failed: ${response.status} ${await response.text()}`);
  const made = (await response.json()) as { api_key: string; admin_key: string; organization: { id: string } };
  return { apiKey: made.api_key, adminKey: made.admin_key, rootId: made.organization.id };
}

export interface StageOptions {
  /** Writes the router's copy of the bundle; by default with the probe. */
  write?: typeof writeProbed;
  /** Where its temporary folder is made; the system's place for such by default. */
  above?: string;
  /** What stands between router and simulator, by the simulator's URL; by default nothing. */
  before?(simulator: string): Promise<{ url: string; close(): Promise<void> }>;
}

/** Starts the simulator, the database, the floor and the router; `close` ends them and removes what they wrote. */
export async function startStage({ write = writeProbed, above = tmpdir(), before }: StageOptions = {}): Promise<Stage> {
  const directory = mkdtempSync(join(above, "gaia-bench-"));
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const part of started.reverse()) await part.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const starting = async <T extends { close(): Promise<void> }>(part: Promise<T>): Promise<T> => {
    const running = await part;
    started.push(running);
    return running;
  };
  try {
    const module = await buildBundle(join(directory, "bundle"));
    const simulator = await starting(startProgram(join(ROOT, "local/simulator/main.ts"), { SIMULATOR_PORT: "0" }));
    const database = await starting(startDatabase(directory));
    const provider = simulator.ready.url ?? "";
    const upstream = before === undefined ? provider : (await starting(before(provider))).url;
    for (const name of ["floor", "loop", "router"]) mkdirSync(join(directory, name));
    const routerModule = join(directory, "router/router.js");
    write(module, routerModule);

    const bare = async (name: string, source: string) => {
      const file = join(directory, name, `${name}.js`);
      writeFileSync(file, source);
      const port = await freePort();
      return starting(
        serveWorker({ module: file, directory: join(directory, name), port, bindings: { UPSTREAM: upstream } }),
      );
    };
    const floor = await bare("floor", FLOOR);
    const loop = await bare("loop", LOOP);
    const router = await starting(
      serveWorker({
        module: routerModule,
        directory: join(directory, "router"),
        port: await freePort(),
        bindings: {
          DATABASE_URL: database.ready.appUrl ?? "",
          DATABASE_ENDPOINT: database.ready.url ?? "",
          KEY_PEPPER: SECRET,
          MASTER_KEY: SECRET,
          SESSION_SECRET: SECRET,
          SETUP_TOKEN: SECRET,
          SIMULATOR_URL: upstream,
        },
        durableObjects: { LEDGER: "Ledger", LEDGER_SHARD: "LedgerShard" },
      }),
    );
    const made = await setUp(router.url);
    const source = readFileSync(module);
    const ledger = async () => (await (await fetch(probeUrl(router.url, made.rootId))).json()) as LedgerHealth;
    return {
      floor,
      loop,
      router,
      ...made,
      bundle: { raw: source.byteLength, gzip: gzipSync(source, { level: 9 }).byteLength },
      ledger,
      async settled() {
        for (let tries = 0; tries < 300; tries++) {
          const health = await ledger();
          if (health.open === 0 && health.waiting === 0) return health;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error("the Ledger did not come to rest within 30 s");
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
