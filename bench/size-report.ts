import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { table } from "./report.ts";
import type { Kind } from "./size-questions.ts";
import { quantile } from "./statistics.ts";

const DOCUMENT = join(import.meta.dirname, "../docs/benchmarks-statistics.md");

/** How a question was answered. */
export interface Answered {
  name: string;
  kind: Kind;
  source: string;
  /** Milliseconds, one a round. */
  times: number[];
}

export interface SizeReport {
  answered: Answered[];
  /** Rows and bytes by table. */
  tables: { name: string; rows: string; bytes: string }[];
  plans: { name: string; plans: string[] }[];
  settings: string;
}

/** What 95 of 100 answers may take, in milliseconds. */
export const MOST_MS: Record<Kind, number> = { floor: Number.POSITIVE_INFINITY, sums: 50, statistics: 300, log: 300 };

const TITLES: Record<Kind, string> = {
  floor: "Floors: what any question costs",
  sums: "From sums (p95 below 50 ms)",
  statistics: "Other statistics (p95 below 300 ms)",
  log: "The log (p95 below 300 ms)",
};

const figure = (milliseconds: number): string => milliseconds.toFixed(milliseconds < 10 ? 1 : 0);

function answers(answered: readonly Answered[], kind: Kind): string {
  const rows = answered
    .filter((one) => one.kind === kind)
    .map(({ name, source, times }) => {
      const p95 = quantile(times, 0.95);
      return [
        ...[name, source, figure(Math.min(...times)), figure(quantile(times, 0.5))],
        p95 > MOST_MS[kind] ? `**${figure(p95)}**` : figure(p95),
      ];
    });
  return `### ${TITLES[kind]}\n\n${table(["question", "source", "least", "p50", "p95"], rows)}`;
}

/** The document; figures in milliseconds, those above what is wanted in bold. */
export function sizeDocument({ answered, tables, plans, settings }: SizeReport, at: Date): string {
  const [cpu] = cpus();
  const rounds = answered[0]?.times.length ?? 0;
  return [
    "# Statistics at size",
    "Written by `npm run bench:statistics -- --root org_… --write`; [statistics.md](statistics.md#at-size) says what is read from where. Each question is asked once a round, with another key, organization, session and end of its period each time, by the Worker's own functions through an endpoint of Neon's protocol. **Bold**: above what is wanted. Where others use the machine at the same time (see the load average), *least* is nearest to what a question takes by itself.",
    `${at.toISOString().slice(0, 10)}, ${cpus().length} cores (${cpu?.model.trim() || "unknown"}), ${rounds} rounds, load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(" ")} at the end. ${settings}`,
    table(
      ["table", "rows", "with indexes"],
      tables.map(({ name, rows, bytes }) => [name, rows, bytes]),
    ),
    ...(["floor", "sums", "statistics", "log"] as const).map((kind) => answers(answered, kind)),
    "## Plans",
    "Of some of them, shortened: `explain (analyze, buffers, costs off, timing off)` as the application's role.",
    ...plans.map(({ name, plans: own }) => `### ${name}\n\n\`\`\`\n${own.join("\n\n")}\n\`\`\``),
  ].join("\n\n");
}

export const writeSizeDocument = (text: string): void => writeFileSync(DOCUMENT, `${text}\n`);
