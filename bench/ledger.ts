import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../local/stack/ports.ts";
import { buildBundle } from "../local/workerd/bundle.ts";
import { type ServedWorker, serveWorker } from "../local/workerd/serve.ts";
import { closing } from "./closing.ts";
import { cpuMilliseconds } from "./cpu.ts";
import { checkMarks, writeTables } from "./document.ts";
import { type LedgerLeg, type LedgerRound, ledgerReport, WAYS, type Way } from "./ledger-report.ts";
import type { Figures } from "./ledger-worker.ts";
import { sendSaturated } from "./load.ts";
import { inMemory } from "./memory.ts";
import { sum } from "./statistics.ts";

/**
 * `npm run bench:ledger -- [--quick] [--write] [--disk]`: admissions and settlements a second, the rows they write and what a million
 * costs, against a Worker that does nothing. docs/benchmarks.md says what is measured and how. Linux only.
 */

const EMPTY = `export default { fetch: () => Response.json(null) };\n`;

const CONNECTIONS = 32;
const LEG_MS = 1_000;
const ROUNDS = 9;
const COMMAND = "npm run bench:ledger -- --write";

interface Stage {
  floor: ServedWorker;
  ledger: ServedWorker;
  close(): Promise<void>;
}

/** @param onDisk whether the Ledger's storage waits for the machine's disk; on one that others use, that is most of it */
async function startStage(onDisk: boolean): Promise<Stage> {
  const directory = mkdtempSync(join(onDisk ? tmpdir() : inMemory(), "gaia-bench-ledger-"));
  const running: ServedWorker[] = [];
  const close = async () => {
    for (const worker of running) await worker.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const serve = async (name: string, module: string, durableObjects: Record<string, string>) => {
    const port = await freePort();
    const worker = await serveWorker({ module, directory: join(directory, name), port, bindings: {}, durableObjects });
    running.push(worker);
    return worker;
  };
  try {
    const bundle = await buildBundle(join(directory, "ledger"), join(import.meta.dirname, "ledger-worker.ts"));
    const empty = join(directory, "floor/empty.js");
    mkdirSync(join(directory, "floor"));
    writeFileSync(empty, EMPTY);
    return {
      floor: await serve("floor", empty, {}),
      ledger: await serve("ledger", bundle, { LEDGER: "Ledger", LEDGER_SHARD: "LedgerShard" }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const post = (worker: ServedWorker, path: string) => ({ url: `${worker.url}/${path}`, headers: {}, body: "" });

/** What Ledger and shards have counted themselves, once they are at rest. */
async function atRest({ ledger }: Stage): Promise<Figures> {
  for (let tries = 0; tries < 300; tries++) {
    const figures = (await (await fetch(`${ledger.url}/rest`, { method: "POST" })).json()) as Figures;
    if ([figures.ledger, ...figures.shards].every(({ open, waiting }) => open === 0 && waiting === 0)) return figures;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the Ledger did not come to rest within 15 s");
}

const NOTHING_COUNTED = { ledgerRows: 0, shardRows: 0, alarmsSet: 0, shardCalls: 0, elsewhere: 0 };

function counted(before: Figures, after: Figures): typeof NOTHING_COUNTED {
  const ofShards = (of: "rowsWritten" | "alarmsSet") =>
    sum(after.shards.map((health, nth) => health[of] - (before.shards[nth]?.[of] ?? 0)));
  return {
    ledgerRows: after.ledger.rowsWritten - before.ledger.rowsWritten,
    shardRows: ofShards("rowsWritten"),
    alarmsSet: after.ledger.alarmsSet - before.ledger.alarmsSet + ofShards("alarmsSet"),
    shardCalls: after.shardCalls - before.shardCalls,
    elsewhere: after.elsewhere - before.elsewhere,
  };
}

async function run(stage: Stage, { path, asks }: Way): Promise<LedgerLeg> {
  const worker = path === "" ? stage.floor : stage.ledger;
  const pid = worker.process.pid as number;
  const before = await atRest(stage);
  const [cpu, begun] = [cpuMilliseconds(pid), performance.now()];
  const requests = (await sendSaturated(post(worker, path), CONNECTIONS, LEG_MS)).length;
  const elapsed = performance.now() - begun;
  // What was begun is finished within the leg: its drain costs what it costs.
  const after = await atRest(stage);
  return {
    ...{ requests, elapsed, cpu: cpuMilliseconds(pid) - cpu },
    ...(asks ? counted(before, after) : NOTHING_COUNTED),
  };
}

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, write: { type: "boolean" }, disk: { type: "boolean" } },
});
if (process.platform !== "linux") throw new Error("the benchmark reads CPU time from /proc: it runs on Linux only");
if (values.write) checkMarks(COMMAND);

console.error("building the bundle; starting an empty Worker and the Ledger");
const stage = await startStage(values.disk === true);
const close = closing(stage);
try {
  const rounds: LedgerRound[] = [];
  // The first round warms up. Not counted.
  for (let round = 0; round <= (values.quick ? 3 : ROUNDS); round++) {
    if (round > 0) console.error(`round ${round}`);
    const order = round % 2 === 0 ? WAYS : [...WAYS].reverse();
    const legs = new Map<string, LedgerLeg>();
    for (const way of order) legs.set(way.path, await run(stage, way));
    if (round > 0) rounds.push(legs);
  }
  const tables = ledgerReport(rounds, new Date());
  console.log(tables);
  if (values.write) writeTables(COMMAND, tables);
} finally {
  await close();
}
