import { cpus } from "node:os";
import { cpuEach, type LedgerCost, type Leg, type Measured } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { median, quantile, type Spread, spread, sum } from "./statistics.ts";

export interface Results {
  streams: Measured[];
  translated: Measured[];
  saturated: Measured;
  firstByte: Measured;
  bundle: Stage["bundle"];
}

/** Three digits that count: 0.123, 1.23, 12.3, 123. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** The median, with the lowest and the highest. */
export const told = ({ median: middle, lowest, highest }: Spread): string =>
  `${figure(middle)} (${figure(lowest)}–${figure(highest)})`;

/** A table in Markdown; all columns but the first hold figures. */
export const table = (head: string[], rows: string[][]): string =>
  [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");

const ratios = ({ rounds }: Measured): string =>
  told(spread(rounds.map(({ floor, router }) => cpuEach(router) / cpuEach(floor))));

const each = ({ rounds }: Measured, side: "floor" | "router"): string =>
  figure(median(rounds.map((round) => cpuEach(round[side]))));

const pieces = ({ rounds }: Measured, side: "floor" | "router"): string =>
  median(rounds.flatMap((round) => round[side].answers.map((answer) => answer.pieces))).toFixed(0);

function streamTable(streams: readonly Measured[]): string {
  const head = ["stream", "floor, ms", "router, ms", "**router ÷ floor**", "pieces, floor", "pieces, router"];
  return table(
    head,
    streams.map((one) => [
      one.workload.title,
      each(one, "floor"),
      each(one, "router"),
      `**${ratios(one)}**`,
      pieces(one, "floor"),
      pieces(one, "router"),
    ]),
  );
}

/** Per chunk of 300: the whole request's CPU, its key check, admission, settlement and drain included. */
function translationTable(translated: readonly Measured[]): string {
  const head = ["translated stream", "loop, ms", "router, ms", "**router ÷ loop**", "pieces, loop", "pieces, router"];
  return table(
    head,
    translated.map((one) => [
      one.workload.title,
      each(one, "floor"),
      each(one, "router"),
      `**${ratios(one)}**`,
      pieces(one, "floor"),
      pieces(one, "router"),
    ]),
  );
}

const perCore = ({ answers, cpu }: Leg): number => answers.length / (cpu / 1000);
const cores = ({ cpu, elapsed }: Leg): number => cpu / elapsed;
const perSecond = ({ answers, elapsed }: Leg): number => answers.length / (elapsed / 1000);

function wholeTable(measured: Measured): string {
  const over = (side: "floor" | "router", of: (leg: Leg) => number): string =>
    told(spread(measured.rounds.map((round) => of(round[side]))));
  const ratio = (of: (leg: Leg) => number): string =>
    told(spread(measured.rounds.map(({ floor, router }) => of(router) / of(floor))));
  const row = (title: string, of: (leg: Leg) => number): string[] => [
    title,
    over("floor", of),
    over("router", of),
    ratio(of),
  ];
  return table(
    ["whole answers, saturated", "floor", "router", "router ÷ floor"],
    [
      row("CPU a request, ms", cpuEach),
      row("requests a second and core", perCore),
      row("cores in use by workerd", cores),
      row("requests a second", perSecond),
    ],
  );
}

function firstByteTable({ rounds }: Measured): string {
  const times = (side: "floor" | "router", p: number): number[] =>
    rounds.map((round) =>
      quantile(
        round[side].answers.map((answer) => answer.firstByte),
        p,
      ),
    );
  const row = (title: string, p: number): string[] => {
    const [floor, router] = [times("floor", p), times("router", p)];
    return [
      title,
      figure(median(floor)),
      figure(median(router)),
      told(spread(router.map((time, round) => time - (floor[round] ?? 0)))),
    ];
  };
  return table(["time to first byte, ms", "floor", "router", "added"], [row("median", 0.5), row("p90", 0.9)]);
}

function ledgerTable({ streams, saturated, firstByte }: Results): string {
  const row = (title: string, costs: LedgerCost[]): string[] => {
    const requests = sum(costs.map((cost) => cost.requests));
    const each = (count: number): string => (count / requests).toFixed(2);
    return [
      title,
      String(requests),
      each(sum(costs.map((cost) => cost.rowsWritten))),
      each(sum(costs.map((cost) => cost.alarmsSet))),
    ];
  };
  return table(
    ["at the Ledger, a request", "requests", "rows written", "alarms set"],
    [
      row(
        "streams",
        streams.map((one) => one.ledger),
      ),
      row("whole answers, saturated", [saturated.ledger]),
      row("short streams, one after the other", [firstByte.ledger]),
    ],
  );
}

/** When, where and how often it was measured. */
export function circumstances(at: Date, rounds: number): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim() || "unknown"}), ${process.platform} ${process.arch}`;
  return (
    `${at.toISOString().slice(0, 10)}, ${machine}, ${rounds} rounds. ` +
    "Each figure: the median of the rounds (lowest–highest)."
  );
}

/** The tables as they stand in docs/benchmarks.md. */
export function report(results: Results, at: Date): string {
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
  return [
    circumstances(at, results.streams[0]?.rounds.length ?? 0),
    streamTable(results.streams),
    ...(results.translated.length > 0 ? [translationTable(results.translated)] : []),
    wholeTable(results.saturated),
    firstByteTable(results.firstByte),
    ledgerTable(results),
    `Bundle: ${kilobytes(results.bundle.raw)}, ${kilobytes(results.bundle.gzip)} in gzip.`,
  ].join("\n\n");
}
