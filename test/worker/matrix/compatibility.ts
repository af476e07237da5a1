import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import {
  CLIENTS,
  type ClientRow,
  COLUMNS,
  LIMITS,
  type Limit,
  limitsOf,
  SCENARIOS,
  type ScenarioId,
} from "./tables.ts";

/** docs/compatibility.md: what a run of the matrix yielded, a table for each client. */

const PATH = join(import.meta.dirname, "../../../docs/compatibility.md");

/** What came of a cell. */
export type Verdict = { refused: string } | { warnings: readonly string[] };

/** Verdicts of one client, by `cellKey`. */
export type Verdicts = ReadonlyMap<string, Verdict>;

export const cellKey = (scenario: ScenarioId, column: string, stream: boolean): string =>
  `${scenario} ${column} ${stream ? "stream" : "whole"}`;

/** The reasons in the order of the table, each once; a limit is known by its reason's number. */
const REASONS = [...new Set(LIMITS.map(({ why }) => why))];
const numbersOf = (limits: readonly Limit[]): string => {
  const numbers = [...new Set(limits.map(({ why }) => REASONS.indexOf(why) + 1))].sort((one, other) => one - other);
  return numbers.length === 0 ? "" : ` (${numbers.join(", ")})`;
};

function cellText(row: ClientRow, scenario: ScenarioId, column: (typeof COLUMNS)[number], verdicts: Verdicts): string {
  const [whole, streamed] = [false, true].map((stream) => {
    const limits = limitsOf(row.id, column.id, scenario, stream);
    const verdict = verdicts.get(cellKey(scenario, column.id, stream));
    const absent = limits.filter((limit) => limit.absent);
    if (absent.length > 0) return `–${numbersOf(absent)}`;
    if (verdict === undefined) return "not run";
    const said =
      "refused" in verdict
        ? `400 ${verdict.refused}`
        : ["✓", ...verdict.warnings.map((code) => `\`${code}\``)].join(" ");
    return said + numbersOf(limits);
  });
  return whole === streamed ? String(whole) : `whole ${whole}, stream ${streamed}`;
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The table of a client, under its title. */
export function sectionOf(row: ClientRow, verdicts: Verdicts): string {
  const rows = (Object.keys(SCENARIOS) as ScenarioId[]).map((scenario) =>
    line([SCENARIOS[scenario], ...COLUMNS.map((column) => cellText(row, scenario, column, verdicts))]),
  );
  const head = [line(["", ...COLUMNS.map(({ title }) => title)]), line(["---", ...COLUMNS.map(() => "---")])];
  return [`## ${row.title}`, "", ...head, ...rows, ""].join("\n");
}

const SDKS = [
  "openai",
  "@anthropic-ai/sdk",
  "@google/genai",
  "ai",
  "@ai-sdk/openai",
  "@ai-sdk/anthropic",
  "@ai-sdk/google",
];

const versionOf = (name: string): string => manifest.devDependencies[name as keyof typeof manifest.devDependencies];

const modelsOf = ({ model, thinks, budgeted }: (typeof COLUMNS)[number]): string =>
  [
    model,
    ...(thinks === undefined ? [] : [`${thinks} (thinking)`]),
    ...(budgeted === undefined ? [] : [`${budgeted} (budget)`]),
  ].join(", ");

/** What stands before the tables. */
export const introduction = (): string =>
  [
    "# Compatibility",
    "",
    "What official SDKs get at each provider. This page is what `test/worker/matrix` yielded, in plain workerd with the production bundle and the simulated providers (`docs/simulator.md`); a test fails when the two differ. `npm run compatibility` writes it anew, which is to be done after a change of the matrix or of an SDK's version.",
    "",
    `SDKs: ${SDKS.map((name) => `\`${name}\` ${versionOf(name)}`).join(", ")}.`,
    "",
    line(["provider", "models", "asked in"]),
    line(["---", "---", "---"]),
    ...COLUMNS.map((column) => line([column.title, modelsOf(column), upstreamsOf(column)])),
    "",
    "Each cell was played twice, with a whole answer and with a stream, and both sides were looked at: what the SDK's user gets (text, calls, ending, usage, error class), what reached the provider, and the gateway's own record of it.",
    "",
    "- **✓** works, and nothing was lost.",
    "- **✓ `code`** works; the gateway says in `x-gaia-warnings`, and in the request's record, what could not be kept.",
    "- **400 `code`** is refused: what was asked for cannot be had, and going on without it would mislead.",
    "- **–** does not exist.",
    "- **(1)** the reason, at the end of this page.",
    "",
  ].join("\n");

function upstreamsOf({ upstream }: (typeof COLUMNS)[number]): string {
  const dialects = new Set(CLIENTS.map(({ dialect }) => upstream(dialect)));
  return [...dialects].join(", ");
}

/** What stands after them. */
export const reasons = (): string =>
  ["## Reasons", "", ...REASONS.map((why, index) => `${index + 1}. ${why}`), ""].join("\n");

/** The page's parts by their first line. */
export function partsOfPage(text: string): Map<string, string> {
  const parts = text.split(/^(?=#{1,2} )/m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part]));
}

export function readPage(): string {
  try {
    return readFileSync(PATH, "utf8");
  } catch {
    return "";
  }
}

/** Puts a client's table into the page, and brings everything else that is known up to date. */
export function writeSection(row: ClientRow, section: string): void {
  const known = partsOfPage(readPage());
  const sections = CLIENTS.map((one) => (one.id === row.id ? section : (known.get(`## ${one.title}`) ?? "")));
  const parts = [introduction(), ...sections, reasons()].filter((part) => part !== "");
  writeFileSync(PATH, `${parts.map((part) => part.trimEnd()).join("\n\n")}\n`);
}
