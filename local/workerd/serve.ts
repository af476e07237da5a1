import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** A Worker in plain workerd, with nothing between it and the network: what a benchmark or a fault test must measure. */
export interface ServeOptions {
  /** The bundle's module. */
  module: string;
  /** The configuration is written here; Durable Objects store below it. */
  directory: string;
  port: number;
  /** Text bindings. */
  bindings: Record<string, string>;
  /** Durable Object classes by binding name; none for a Worker without. */
  durableObjects?: Record<string, string>;
  /**
   * `host:port` of a server that stands for everything the Worker fetches at a client's wish (its binding INTERNET). By
   * default that is the internet itself, without any private network.
   */
  internet?: string;
  /** Folder whose files the Worker serves (its binding ASSETS); none for a Worker without. */
  assets?: string;
  /** Takes workerd's output; by default it is dropped. */
  onOutput?(text: string): void;
}

export interface ServedWorker {
  url: string;
  process: ChildProcess;
  /** Ends workerd and waits until it is gone. */
  close(): Promise<void>;
}

/** The compatibility settings that the deployed Worker has, read from wrangler.toml so that there is one source. */
function compatibility(): { date: string; flags: string[] } {
  const toml = readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8");
  const date = /^compatibility_date = "([^"]+)"/m.exec(toml)?.[1];
  const flags = /^compatibility_flags = \[([^\]]*)\]/m.exec(toml)?.[1] ?? "";
  if (date === undefined) throw new Error("wrangler.toml names no compatibility_date");
  return { date, flags: [...flags.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "") };
}

const text = (value: string): string => JSON.stringify(value);

/** workerd's configuration (Cap'n Proto text), with SQLite-backed Durable Objects on disk. */
function configuration(options: ServeOptions): string {
  const { date, flags } = compatibility();
  const objects = Object.entries(options.durableObjects ?? {});
  const bindings = [
    ...Object.entries(options.bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...objects.map(([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`),
    `(name = "INTERNET", service = "public")`,
    ...(options.assets === undefined ? [] : [`(name = "ASSETS", service = "assets")`]),
  ];
  const internet =
    options.internet === undefined
      ? `network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))`
      : `external = (address = ${text(options.internet)}, http = ())`;
  const namespaces = objects.map(
    ([, className]) =>
      `(className = ${text(className)}, uniqueKey = ${text(`gaiarouter-${className}`)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "public", ${internet}),
    (name = "objects", disk = (path = ${text(join(options.directory, "objects"))}, writable = true)),${
      options.assets === undefined ? "" : `\n    (name = "assets", disk = (path = ${text(options.assets)})),`
    }
  ],
  sockets = [(name = "http", address = "127.0.0.1:${options.port}", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${text(relative(options.directory, options.module))})],
  compatibilityDate = ${text(date)},
  compatibilityFlags = [${flags.map(text).join(", ")}],
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

async function answering(url: string, worker: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (worker.exitCode !== null) throw new Error(`workerd ended with code ${worker.exitCode}: ${said()}`);
    try {
      await (await fetch(url, { method: "HEAD" })).body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`workerd did not answer at ${url}`);
}

/** Starts workerd and waits until it answers. */
export async function serveWorker(options: ServeOptions): Promise<ServedWorker> {
  mkdirSync(join(options.directory, "objects"), { recursive: true });
  const file = join(options.directory, "workerd.capnp");
  writeFileSync(file, configuration(options), { mode: 0o600 });
  const workerd = createRequire(import.meta.url)("workerd") as { default: string };
  const worker = spawn(workerd.default, ["serve", file, "--experimental"], { cwd: dirname(file) });
  let said = "";
  const output = (chunk: Buffer) => {
    said = (said + chunk).slice(-2000);
    options.onOutput?.(chunk.toString());
  };
  worker.stdout.on("data", output);
  worker.stderr.on("data", output);
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${options.port}`;
  try {
    await answering(url, worker, () => said.trim());
  } catch (error) {
    worker.kill("SIGKILL");
    throw error;
  }
  return {
    url,
    process: worker,
    async close() {
      worker.kill("SIGTERM");
      const timer = setTimeout(() => worker.kill("SIGKILL"), 2000);
      await ended;
      clearTimeout(timer);
    },
  };
}
