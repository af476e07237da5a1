import { parseArgs } from "node:util";
import { closing } from "./closing.ts";
import { checkMarks, writeTables } from "./document.ts";
import { sendInTurn, sendSaturated, sendSpread } from "./load.ts";
import { report } from "./report.ts";
import { type Load, type Measured, measured, runRound } from "./rounds.ts";
import { type Stage, startStage } from "./stage.ts";
import { shortStream, streams, translations, whole } from "./workloads.ts";

/**
 * `npm run bench -- [--quick] [--write] [--pace 20]`: what the router costs above a Worker that only fetches. docs/benchmarks.md
 * says what is measured and how; `--write` puts this run's tables there. Linux only: CPU time is read from /proc.
 */

/** Milliseconds between two chunks of a stream, unless `--pace` says otherwise: each still arrives by itself. */
const PACE = "5";
const STREAMS = 32;
/** The streams of a leg start within this time, so that their chunks do not come in step. */
const STARTS = 400;
const CONCURRENCY = 24;
const IN_TURN = 40;

const FULL = { rounds: 7, translationRounds: 5, dialects: true, saturated: 1000 };
const QUICK = { rounds: 3, translationRounds: 0, dialects: false, saturated: 500 };

const COMMAND = "npm run bench -- --write";

async function measure(stage: Stage, settings: typeof FULL, pace: number) {
  const all = streams(stage, pace);
  const streamed = (settings.dialects ? all : all.slice(0, 2)).map(measured);
  const translated = (settings.translationRounds > 0 ? translations(stage, pace) : []).map(measured);
  const saturated = measured(whole(stage));
  const firstByte = measured(shortStream(stage));
  const plan: [Measured, Load][] = [
    ...streamed.map((one): [Measured, Load] => [one, (call) => sendSpread(call, STREAMS, STARTS)]),
    [saturated, (call) => sendSaturated(call, CONCURRENCY, settings.saturated)],
    [firstByte, (call) => sendInTurn(call, IN_TURN)],
  ];
  const between: [Measured, Load][] = translated.map((one) => [one, (call) => sendSpread(call, STREAMS, STARTS)]);
  // The first round warms up the isolates, the connections and the compiler. Not counted.
  for (const [one, load] of [...plan, ...between]) await runRound(stage, measured(one.workload), load);
  for (let round = 1; round <= settings.rounds; round++) {
    console.error(`round ${round} of ${settings.rounds}`);
    for (const [one, load] of plan) await runRound(stage, one, load);
    if (round > settings.translationRounds) continue;
    for (const [one, load] of between) await runRound(stage, one, load);
  }
  return { streams: streamed, translated, saturated, firstByte, bundle: stage.bundle };
}

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, write: { type: "boolean" }, pace: { type: "string", default: PACE } },
});
if (process.platform !== "linux") throw new Error("the benchmark reads CPU time from /proc: it runs on Linux only");

if (values.write) checkMarks(COMMAND);

console.error("building the bundle; starting simulator, database, floor and router");
const stage = await startStage();
const close = closing(stage);
try {
  const tables = report(await measure(stage, values.quick ? QUICK : FULL, Number(values.pace)), new Date());
  console.log(tables);
  if (values.write) writeTables(COMMAND, tables);
} finally {
  await close();
}
