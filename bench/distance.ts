import { parseArgs } from "node:util";
import { type Arrivals, startArrivals } from "./arrivals.ts";
import { closing } from "./closing.ts";
import { DISTANCES, type DistanceLeg, type DistanceRound, distanceReport } from "./distance-report.ts";
import { type FarTenant, makeTenant } from "./distance-tenant.ts";
import { checkMarks, writeTables } from "./document.ts";
import { setDistance, writeFar } from "./far.ts";
import { type Call, send, sleep } from "./load.ts";
import { inMemory } from "./memory.ts";
import { type Stage, startStage } from "./stage.ts";

/**
 * `npm run bench:distance -- [--quick] [--write]`: how long a request waits to be sent when the Ledger is far away.
 * docs/benchmarks.md says what is measured and how. Linux only, as the other benchmarks.
 */

const COMMAND = "npm run bench:distance -- --write";
const ROUNDS = 3;
/** One client, then eight, who each send a request every so many milliseconds: every leg has its part of drains and reports. */
const IN_TURN = 100;
const IN_TURN_MS = 15;
const CLIENTS = 8;
const EACH = 25;
const EVERY_MS = 80;
/** A key without limits is asked less often: its answers wait for the Ledger. */
const FREE_IN_TURN = 8;
const FREE_EACH = 4;

const MODEL = "openai/gpt-6.1-sol";

let marks = 0;

/** Sends one request; answers the milliseconds until it arrived at the provider. */
async function timeToProvider({ router }: Stage, arrivals: Arrivals, key: string): Promise<number> {
  const mark = `mark-${++marks}`;
  const call: Call = {
    url: `${router.url}/v1/chat/completions`,
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: MODEL,
      max_completion_tokens: 64_000,
      messages: [{ role: "user", content: `Say hello. ${mark}` }],
    }),
  };
  const { begun } = await send(call);
  return arrivals.take(mark) - begun;
}

async function load(one: () => Promise<number>, inTurn: number, each: number) {
  const client = async (into: number[], count: number, every: number, begun: number) => {
    for (let i = 0; i < count; i++) {
      await sleep(Math.max(0, begun + i * every - performance.now()));
      into.push(await one());
    }
  };
  const [alone, together]: [number[], number[]] = [[], []];
  await client(alone, inTurn, IN_TURN_MS, performance.now());
  const begun = performance.now();
  const starts = Array.from({ length: CLIENTS }, (_, nth) => begun + (nth * EVERY_MS) / CLIENTS);
  await Promise.all(starts.map((start) => client(together, each, EVERY_MS, start)));
  return { alone, together };
}

async function run(stage: Stage, arrivals: Arrivals, tenant: FarTenant, distance: number): Promise<DistanceLeg> {
  await setDistance(stage.router.url, distance);
  // These go to the Ledger itself, so that the isolate knows from here on how far it is.
  const free = await load(() => timeToProvider(stage, arrivals, tenant.free), FREE_IN_TURN, FREE_EACH);
  const key = await tenant.limited();
  const { rowsWritten: before } = await stage.settled();
  await setDistance(stage.router.url, distance);
  const first = await timeToProvider(stage, arrivals, key);
  const limited = await load(() => timeToProvider(stage, arrivals, key), IN_TURN, EACH);
  const calls = await setDistance(stage.router.url, distance);
  const { rowsWritten } = await stage.settled();
  return { free, first, limited, calls, rowsWritten: rowsWritten - before };
}

const { values } = parseArgs({ options: { quick: { type: "boolean" }, write: { type: "boolean" } } });
if (process.platform !== "linux") throw new Error("the benchmarks run on Linux only");
if (values.write) checkMarks(COMMAND);

console.error("building the bundle; starting simulator, database and router");
let arrivals: Arrivals | null = null;
const stage = await startStage({
  write: writeFar,
  above: inMemory(),
  before: async (simulator) => {
    arrivals = await startArrivals(simulator);
    return arrivals;
  },
});
const close = closing(stage);
try {
  const tenant = await makeTenant(stage);
  const rounds: DistanceRound[] = [];
  // The first round warms up. Not counted.
  for (let round = 0; round <= (values.quick ? 2 : ROUNDS); round++) {
    if (round > 0) console.error(`round ${round}`);
    const legs = new Map<number, DistanceLeg>();
    const order = round % 2 === 0 ? DISTANCES : [...DISTANCES].reverse();
    for (const distance of round === 0 ? [0, 80] : order) {
      legs.set(distance, await run(stage, arrivals as unknown as Arrivals, tenant, distance));
    }
    if (round > 0) rounds.push(legs);
  }
  const tables = distanceReport(rounds, new Date());
  console.log(tables);
  if (values.write) writeTables(COMMAND, tables);
} finally {
  await close();
}
