import { execFile, execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectCrons } from "../../local/stack/crons.ts";
import { processNumbers, readProcessFile, stackProcesses } from "../../local/stack/processes.ts";
import { type Ready, readReadyFile } from "../../local/stack/ready.ts";
import type { Secrets } from "../../local/stack/secrets.ts";
import { statusOf } from "../../local/stack/wait.ts";
import {
  awaitRow,
  listRequests,
  type RunningStack,
  removeStack,
  runStart,
  startStack,
  streamChat,
} from "../support/stack.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";
import { otherThanDescribed } from "./described-answers.ts";
import { walkWithGeneratedClient } from "./generated-client.ts";

const MODEL = "openai/gpt-6.1-sol";
const onLinux = process.platform === "linux";

let stack: RunningStack;
beforeAll(async () => {
  stack = await startStack(temporaryDataDir());
});
afterAll(() => removeStack(stack));

const adminHeaders = (ready: Ready) => ({ authorization: `Bearer ${ready.adminKey}` });

/** Signs in at the site, as a browser would, and answers the headers of the next request. */
async function signIn({ dashboard, admin }: Ready): Promise<Record<string, string>> {
  const response = await fetch(`${dashboard}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(admin),
  });
  expect(response.status).toBe(200);
  return {
    cookie: response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; "),
  };
}

/** Sends a stream to the router, reads it to its end and answers its id. */
async function relay(ready: Ready): Promise<string> {
  const response = await streamChat(ready, MODEL);
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/data: \[DONE\]\s*$/);
  return response.headers.get("x-request-id") as string;
}

/** Waits until the part of `ready.json` called `name` is another process than `pid`, and the site answers again. */
async function restarted(name: "router" | "pages", pid: number | undefined): Promise<Ready> {
  for (;;) {
    await sleep(100);
    const ready = readReadyFile(stack.dataDir);
    if (ready === undefined) throw new Error(stack.output());
    if (ready.pids[name] === pid) continue;
    if ((await statusOf(`${ready.dashboard}/api/requests`, adminHeaders(ready))) === 200) return ready;
  }
}

describe("a stack that is ready", () => {
  test("says in ready.json where everything is, for its owner's eyes only", () => {
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
    const key = expect.stringMatching(/^sk-gaia-.{76}$/);
    const pid = expect.any(Number);
    expect(stack.ready).toEqual({
      router: url,
      dashboard: url,
      apiKey: key,
      admin: { email: expect.stringContaining("@"), password: expect.stringMatching(/.{20}/) },
      adminKey: key,
      simulator: url,
      database: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sql$/),
      pids: { start: stack.process.pid, database: pid, simulator: pid, router: pid, pages: pid },
    });
    for (const file of ["ready.json", "secrets.json", "worker.env", "lock.json"]) {
      expect(statSync(join(stack.dataDir, file)).mode & 0o777, file).toBe(0o600);
    }
  });

  test("runs each part in a process group of its own", () => {
    for (const [name, pid] of Object.entries(stack.ready.pids)) {
      const members = stackProcesses(stack.dataDir, pid);
      if (name !== "start") expect(members, name).toContain(pid);
    }
  });

  test.runIf(onLinux)("shows no secret on a command line", () => {
    const { admin, ...others } = JSON.parse(readFileSync(join(stack.dataDir, "secrets.json"), "utf8")) as Secrets;
    const secrets = [admin.password, ...Object.values(others)];
    const lines = processNumbers().map((pid) => readProcessFile(pid, "cmdline") ?? "");
    expect(lines.some((line) => line.includes(stack.dataDir))).toBe(true);
    expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
  });

  test("answers on every address that it names", async () => {
    const { router, dashboard, simulator } = stack.ready;
    for (const address of [`${router}/health`, router, dashboard, `${simulator}/health`]) {
      const response = await fetch(address);
      await response.body?.cancel();
      expect(response.status, address).toBe(200);
    }
  });

  test("the page learns from its site where the router listens", async () => {
    const { dashboard, router } = stack.ready;
    expect(await (await fetch(`${dashboard}/config.json`)).json()).toEqual({ router_url: router });
  });

  test("prints a curl line that streams an answer", async () => {
    const line = stack.output().match(/^curl .*$/m)?.[0] as string;
    expect(line).toContain(stack.ready.apiKey);
    const { stdout } = await promisify(execFile)("sh", ["-c", withCurl(line)]);
    expect(stdout).toMatch(/^data: \{"id":"chatcmpl-/);
    expect(stdout).toMatch(/data: \[DONE\]\s*$/);
  });

  test("shows a request, with tokens and cost, to the admin key and to the signed-in admin: one Ledger", async () => {
    const id = await relay(stack.ready);
    const row = await awaitRow(stack.ready.router, adminHeaders(stack.ready), id);
    expect(row).toMatchObject({ requested_model: MODEL, outcome: "ok", status: 200, exact: true });
    expect(Math.min(row.tokens.input_uncached, row.tokens.output, row.cost_nano)).toBeGreaterThan(0);
    const seen = await listRequests(stack.ready.dashboard, await signIn(stack.ready));
    expect(seen.find((other) => other.id === id)).toEqual(row);
  });

  test("streams through the site what the playground asks in a member's name", async () => {
    const { dashboard } = stack.ready;
    const page = {
      ...(await signIn(stack.ready)),
      origin: dashboard,
      "x-gaia-csrf": "1",
      "content-type": "application/json",
    };
    const { organization } = (await (await fetch(`${dashboard}/api/session`, { headers: page })).json()) as {
      organization: { id: string };
    };
    const body = JSON.stringify({ organization_id: organization.id });
    const taken = await fetch(`${dashboard}/api/playground/token`, { method: "POST", headers: page, body });
    const { token } = (await taken.json()) as { token: string };
    const response = await streamChat({ ...stack.ready, router: dashboard, apiKey: token }, MODEL);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      expect.stringContaining("event-stream"),
    ]);
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body ?? []) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).toString()).toMatch(/^data: [\s\S]*data: \[DONE\]\s*$/);
    const gemini = await fetch(`${dashboard}/v1beta/models`, { headers: { "x-goog-api-key": token } });
    expect([gemini.status, Object.keys((await gemini.json()) as object)]).toEqual([
      200,
      expect.arrayContaining(["models"]),
    ]);
  });

  test("takes through the site a change that the router's own port obeys", async () => {
    const headers = { ...adminHeaders(stack.ready), "content-type": "application/json" };
    const made = await fetch(`${stack.ready.dashboard}/api/keys`, {
      method: "POST",
      headers,
      body: JSON.stringify({ name: "second" }),
    });
    expect(made.status).toBe(201);
    const { key } = (await made.json()) as { key: string };
    expect((await (await streamChat({ ...stack.ready, apiKey: key }, MODEL)).text()).length).toBeGreaterThan(0);
  });

  test("answers what its contract says, for inference as well", async () => {
    expect(await otherThanDescribed(stack.ready)).toEqual([]);
  });

  test("works with a client that a public generator made from its contract", async () => {
    expect(await walkWithGeneratedClient(stack.ready)).toContain("a generated client works");
  });

  test("does by the clock what the Worker's crons do: the books are compared, and the providers' lists are read", async () => {
    for (const cron of projectCrons()) {
      const turn = await fetch(`${stack.ready.router}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}`);
      expect([turn.status, await turn.text()]).toEqual([200, "ok"]);
    }
    const listed = async (path: string) => {
      const answer = await fetch(`${stack.ready.router}${path}`, { headers: adminHeaders(stack.ready) });
      return ((await answer.json()) as { data: { provider?: string; read_at?: string }[] }).data;
    };
    const read = async () => (await listed("/api/models/sync")).filter((list) => list.read_at !== null);
    while ((await read()).length < 4 || (await listed("/api/reconciliations")).length === 0) await sleep(100);
    const providers = (await read()).map(({ provider }) => provider);
    expect(providers).toEqual(expect.arrayContaining(["anthropic", "google", "openai", "openrouter"]));
  });

  test("keeps its data directory to itself", async () => {
    const second = runStart({ DATA_DIR: stack.dataDir });
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`(pid ${stack.process.pid})`);
    expect(second.output()).toContain("DATA_DIR=");
    expect(readReadyFile(stack.dataDir)).toEqual(stack.ready);
  });

  test.each(["PORT", "DASHBOARD_PORT"])("says who has the port that %s names", async (name) => {
    const { port } = new URL(stack.ready.router);
    const other = runStart({ DATA_DIR: temporaryDataDir(), [name]: port });
    expect(await other.exited).toBe(1);
    expect(other.output()).toContain(`Port ${port} is taken`);
    expect(other.output()).toMatch(new RegExp(`${name}=\\d+ npm start`));
    if (onLinux) expect(other.output()).toMatch(/by workerd \(pid \d+\)/);
  });
});

describe("a part that ends", () => {
  test("is started again: the router, and with it the site", async () => {
    const before = readReadyFile(stack.dataDir) as Ready;
    process.kill(before.pids.router as number, "SIGKILL");
    await restarted("pages", before.pids.pages);
    const after = await restarted("router", before.pids.router);
    expect({ ...after, pids: null }).toEqual({ ...before, pids: null });
    await relay(after);
  });

  test("is started again: the site", async () => {
    const before = readReadyFile(stack.dataDir) as Ready;
    process.kill(before.pids.pages as number, "SIGKILL");
    const after = await restarted("pages", before.pids.pages);
    expect(after.pids.router).toBe(before.pids.router);
  });

  test.runIf(onLinux)("is started again when it only looks alive: a wrangler without its workerd", async () => {
    const before = readReadyFile(stack.dataDir) as Ready;
    const entry = `--socket-addr=entry=127.0.0.1:${new URL(before.router).port}`;
    const workerd = stackProcesses(stack.dataDir).find((pid) => readProcessFile(pid, "cmdline")?.includes(entry));
    process.kill(workerd as number, "SIGKILL");
    await restarted("router", before.pids.router);
    await relay(await restarted("pages", before.pids.pages));
  });
});

describe("Ctrl-C", () => {
  test("leaves no process and no ready.json; the next start finds keys and requests again", async () => {
    const id = await relay(stack.ready);
    const row = await awaitRow(stack.ready.router, adminHeaders(stack.ready), id);
    expect(await stack.stop()).toBe(0);
    expect(stackProcesses(stack.dataDir)).toEqual([]);
    expect(existsSync(join(stack.dataDir, "ready.json"))).toBe(false);
    expect(existsSync(join(stack.dataDir, "lock.json"))).toBe(false);

    const { apiKey, admin, adminKey } = stack.ready;
    stack = await startStack(stack.dataDir);
    expect(stack.ready).toMatchObject({ apiKey, admin, adminKey });
    expect(await awaitRow(stack.ready.router, adminHeaders(stack.ready), id)).toEqual(row);
    await relay(stack.ready);
  });

  test("keys that were lost before they were noted are made anew", async () => {
    await stack.stop();
    const file = join(stack.dataDir, "secrets.json");
    const { apiKey, adminKey, ...others } = JSON.parse(readFileSync(file, "utf8")) as Secrets;
    writeFileSync(file, JSON.stringify(others));
    stack = await startStack(stack.dataDir);
    expect([stack.ready.apiKey, stack.ready.adminKey]).not.toContain(apiKey);
    expect(stack.ready.adminKey).not.toBe(adminKey);
    const id = await relay(stack.ready);
    await awaitRow(stack.ready.dashboard, adminHeaders(stack.ready), id);
  });

  test("stops a start that is not ready yet", async () => {
    expect(await stack.stop()).toBe(0);
    const start = runStart({ DATA_DIR: stack.dataDir });
    while (stackProcesses(stack.dataDir).length < 3) await sleep(20);
    start.process.kill("SIGINT");
    expect(await start.exited).toBe(0);
    expect(stackProcesses(stack.dataDir)).toEqual([]);
    expect(existsSync(join(stack.dataDir, "lock.json"))).toBe(false);
  });
});

/** The line as it is, where the machine has a curl; else with our own Node as one that knows the line's own options. */
function withCurl(line: string): string {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return line;
  } catch {
    const script = `const [, url, , key, , type, , body] = process.argv.slice(1);
      const headers = Object.fromEntries([key, type].map((header) => header.split(": ")));
      fetch(url, { method: "POST", headers, body }).then((r) => r.text()).then((text) => process.stdout.write(text));`;
    return line.replace(/^curl/, `"${process.execPath}" -e '${script}' --`);
  }
}
