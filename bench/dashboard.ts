import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { sizesOf } from "../test/support/dashboard-bytes.ts";
import { measureChart } from "./dashboard/chart.ts";
import { type Figure, fails, gate, report } from "./dashboard/figure.ts";
import { measureHeap } from "./dashboard/heap.ts";
import { measureLighthouse } from "./dashboard/lighthouse.ts";
import { measureLive } from "./dashboard/live.ts";
import { measureLoad } from "./dashboard/load.ts";
import { measureLog } from "./dashboard/log.ts";
import { measureMoves } from "./dashboard/moves.ts";
import { measurePages, measureRequests, measureRows } from "./dashboard/pages.ts";
import { measurePlayground } from "./dashboard/playground.ts";
import { type Stage, startStage } from "./dashboard/stage.ts";

/**
 * `npm run bench:dashboard -- [--only bytes,load]`: what the dashboard weighs and how it moves, in the production build, in
 * Chromium, against a floor built in the same run. docs/benchmarks-dashboard.md says what is measured and how. Fails where a
 * gate does: bytes, requests, shifts, axe, the console; what follows from the machine's pace is told.
 */
const PARTS: Record<string, (stage: Stage) => Promise<Figure[]>> = {
  bytes: async ({ built }) =>
    sizesOf(built).map(({ name, kilobytes, target, files }) =>
      gate(`${name}, ${files} files`, kilobytes, target, "kB"),
    ),
  requests: measureRequests,
  rows: measureRows,
  load: measureLoad,
  moves: measureMoves,
  log: measureLog,
  live: measureLive,
  chart: measureChart,
  playground: measurePlayground,
  heap: measureHeap,
  lighthouse: measureLighthouse,
  pages: measurePages,
};

const { values } = parseArgs({ options: { only: { type: "string", default: Object.keys(PARTS).join() } } });
const wanted = values.only.split(",");
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join()}: --only takes ${Object.keys(PARTS).join()}`);

console.error("building the page and its floor; starting the stack and a browser");
const stage = await startStage();
try {
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(PARTS)) {
    if (!wanted.includes(name)) continue;
    console.error(name);
    figures.push(...(await measure(stage)));
  }
  const load = loadavg().map((one) => one.toFixed(1));
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model}), load average ${load.join(" ")}\n`,
  );
  console.log(report(figures));
  if (figures.some(fails)) process.exitCode = 1;
} finally {
  await stage.close();
}
