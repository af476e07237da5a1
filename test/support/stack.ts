import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stackProcesses } from "../../local/stack/processes.ts";
import { type Ready, readReadyFile } from "../../local/stack/ready.ts";

const PROJECT_ROOT = join(import.meta.dirname, "../..");

/** On a developer's machine, some would send tests to real providers or a real database; vitest's own change programs. */
const NOT_INHERITED =
  /^(PORT|DASHBOARD_PORT|DATA_DIR|DATABASE_.*|SIMULATOR_.*|LEDGER_.*|OTEL_.*|TRACE_CONTEXT_.*|.*_API_KEY|.*_BASE_URL|NODE_ENV|VITEST.*)$/;

/** `node local/start.js`, whether it comes up or not. */
export interface StartProcess {
  process: ChildProcess;
  /** Standard output and error so far. */
  output(): string;
  /** Resolves with the exit code, null after a signal, when the process and its output have ended. */
  exited: Promise<number | null>;
}

export interface RunningStack extends StartProcess {
  dataDir: string;
  ready: Ready;
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Kill -9 of every process in ready.json and of their groups; resolves when none of the stack's processes lives. */
  killAll(): Promise<void>;
}

/** Runs `node local/start.js` in a process group of its own, on free ports unless `environment` says otherwise. */
export function runStart(environment: Record<string, string>, nodeArguments: string[] = []): StartProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  const child = spawn(process.execPath, [...nodeArguments, "local/start.js"], {
    cwd: PROJECT_ROOT,
    env: { ...Object.fromEntries(inherited), PORT: "0", DASHBOARD_PORT: "0", ...environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
  return { process: child, output: () => output, exited };
}

/** Starts a stack and waits for its `ready.json`. Throws with what it printed when it ends instead. */
export async function startStack(dataDir: string, environment: Record<string, string> = {}): Promise<RunningStack> {
  const start = runStart({ DATA_DIR: dataDir, ...environment });
  await Promise.race([printed(start, "Try it:"), start.exited]);
  const ready = readReadyFile(dataDir);
  if (ready === undefined) throw new Error(`the stack did not start:\n${start.output()}`);
  return {
    ...start,
    dataDir,
    ready,
    stop() {
      start.process.kill("SIGINT");
      return start.exited;
    },
    async killAll() {
      const { pids } = readReadyFile(dataDir) ?? ready;
      for (const pid of Object.values(pids)) if (pid !== undefined) killGroup(pid);
      await start.exited;
      while (stackProcesses(dataDir).length > 0) await sleep(20);
    },
  };
}

/** Stops a stack that may have been stopped already, or may not even have started. */
export async function removeStack(stack: RunningStack | undefined): Promise<void> {
  await stack?.stop();
}

/** Asks the management API behind `origin`, the router or the site, and answers the JSON. Throws unless it is a 200. */
export async function getJson<T>(origin: string, path: string, headers: Record<string, string>): Promise<T> {
  const response = await fetch(origin + path, { headers });
  if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** What tests look at in a row of `GET /api/requests`. */
export interface RequestRow {
  id: string;
  outcome: string;
  status: number;
  requested_model: string;
  tokens: { input_uncached: number; output: number };
  cost_nano: number;
  exact: boolean;
  corrected: boolean;
}

/** The rows that the management API behind `origin` shows, latest first. */
export const listRequests = async (origin: string, headers: Record<string, string>): Promise<RequestRow[]> =>
  (await getJson<{ data: RequestRow[] }>(origin, "/api/requests?limit=100", headers)).data;

/** Asks again until the row of one request is there: it is written by the Ledger's next drain. */
export async function awaitRow(origin: string, headers: Record<string, string>, id: string): Promise<RequestRow> {
  for (;;) {
    const row = (await listRequests(origin, headers)).find((row) => row.id === id);
    if (row !== undefined) return row;
    await sleep(100);
  }
}

/** A Chat completion that streams, sent to the router with the stack's first key. */
export const streamChat = (ready: Ready, model: string): Promise<Response> =>
  fetch(`${ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "Hello" }] }),
  });

function printed(start: StartProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    start.process.stdout?.on("data", () => {
      if (start.output().includes(text)) resolve();
    });
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
