/**
 * `npm run agents [-- part of a run's name]`: the coding agents, installed from npm, each with an empty home and
 * environment, read and edit a file through `npm start`, with a provider of another vendor behind it; and the dashboard's
 * examples for them, as its pages show them. AGENTS_DIR names a folder where their installation stays, and where what passed
 * in each run is written.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { type Simulator, startSimulator } from "../../local/simulator/server.ts";
import { type Door, openDoor, type Passage } from "../support/door.ts";
import { install } from "../support/packages.ts";
import { endPrograms, runProgram } from "../support/program.ts";
import { type RunningStack, startStack } from "../support/stack.ts";
import { type Agent, claudeCode, codex, codexWithCatalogue, geminiCli, PACKAGES } from "./agents.ts";
import { runExamples } from "./examples.ts";
import { faultsOf, warningsOf } from "./faults.ts";
import { AFTER, CLOSING, EDITED, FILES, Role, TASK } from "./role.ts";

interface Run {
  agent: Agent;
  /** What the provider speaks, for people. */
  dialect: string;
  /** As the gateway names it. */
  model: string;
}

/** `+only-responses`: a model that is new to the catalogue, and that its provider refuses to serve in Chat. */
const RUNS: Run[] = [
  { agent: claudeCode, dialect: "Chat", model: "openai/gpt-5.5" },
  { agent: claudeCode, dialect: "Responses", model: "openai/gpt-5.3-codex" },
  { agent: claudeCode, dialect: "Responses only, as it says itself", model: "openai/gpt-next+only-responses" },
  { agent: claudeCode, dialect: "generateContent", model: "google/gemini-3.8-flash" },
  { agent: codex, dialect: "Messages", model: "anthropic/claude-sonnet-5-5" },
  { agent: codexWithCatalogue, dialect: "Messages", model: "anthropic/claude-opus-5-5" },
  { agent: codex, dialect: "generateContent", model: "google/gemini-3.8-flash" },
  { agent: codexWithCatalogue, dialect: "generateContent", model: "google/gemini-3.8-flash" },
  { agent: geminiCli, dialect: "Chat", model: "openai/gpt-5.5" },
  { agent: geminiCli, dialect: "Responses", model: "openai/gpt-6.1-sol" },
  { agent: geminiCli, dialect: "Messages", model: "anthropic/claude-sonnet-5-5" },
];

const nameOf = ({ agent, model, dialect }: Run): string => `${agent.name} with ${model} (${dialect})`;

/** What a run needs of the whole. */
interface Stage {
  /** Where the agents are installed. */
  packages: string;
  stack: RunningStack;
  door: Door;
  /** Gives the provider its part. */
  cast(role: Role): void;
}

interface Outcome {
  run: Run;
  faults: string[];
  requests: number;
  seconds: number;
  /** What the gateway could not keep, by code and place, each once. */
  warnings: string[];
}

function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function perform(run: Run, { packages, stack, door, cast }: Stage): Promise<Outcome & { passages: Passage[] }> {
  const { agent, model } = run;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gaia-agent-")));
  const [home, work] = [join(folder, "home"), join(folder, "work")];
  try {
    for (const each of [home, work, join(folder, "tmp")]) mkdirSync(each);
    const gateway = { url: door.url, key: stack.ready.apiKey, model };
    writeFiles(home, agent.home(gateway));
    writeFiles(work, FILES);
    const role = new Role(nameOf(run), agent, work);
    cast(role);
    const path = [dirname(process.execPath), join(packages, "node_modules/.bin"), "/usr/bin", "/bin"].join(delimiter);
    const begin = performance.now();
    const ended = await runProgram([agent.program, ...agent.arguments(gateway, TASK)], work, {
      HOME: home,
      PATH: path,
      TMPDIR: join(folder, "tmp"),
      ...agent.environment(gateway),
    });
    const passages = door.takePassages();
    const faults = [...role.faults, ...(await faultsOf(passages, stack))];
    if (ended.late) faults.push("it was not done in time");
    else if (ended.code !== 0) faults.push(`it ended with ${ended.code}`);
    if (!role.finished) faults.push("it did not come to its end");
    if (!ended.output.includes(CLOSING)) faults.push("it did not say what its model said last");
    const content = readFileSync(join(work, EDITED), "utf8");
    if (content !== AFTER) faults.push(`the file holds ${JSON.stringify(content)}`);
    if (faults.length > 0) console.error(`${ended.output.trimEnd().split("\n").slice(-20).join("\n")}\n`);
    const seconds = (performance.now() - begin) / 1000;
    return { run, faults, requests: passages.length, seconds, warnings: warningsOf(passages), passages };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell({ run, faults, requests, seconds, warnings }: Outcome): void {
  const kept = warnings.length === 0 ? "nothing lost" : warnings.join(", ");
  console.log(
    `${faults.length === 0 ? "ok  " : "FAIL"}  ${nameOf(run)}: ${requests} requests, ${seconds.toFixed(1)} s; ${kept}`,
  );
  for (const fault of faults) console.log(`      ${fault}`);
}

function table(outcomes: Outcome[]): string {
  const rows = outcomes.map(({ run, faults, requests, seconds }) => [
    run.agent.name,
    run.model,
    run.dialect,
    String(requests),
    seconds.toFixed(1),
    faults.length === 0 ? "ok" : "FAIL",
  ]);
  const all = [["agent", "model", "provider speaks", "requests", "s", ""], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Providers of whatever vendor, all played by the role of the run that is on. */
async function startProviders(): Promise<{ simulator: Simulator; cast(role: Role): void }> {
  let current: Role | null = null;
  const simulator = await startSimulator({
    port: 0,
    pace: 1,
    script: (question, exchange) => current?.script(question, exchange) ?? null,
  });
  return {
    simulator,
    cast(role) {
      current = role;
    },
  };
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).join(" ").toLowerCase();
  const runs = RUNS.filter((run) => nameOf(run).toLowerCase().includes(wanted));
  const kept = process.env.AGENTS_DIR;
  const folder = kept ? resolve(kept) : mkdtempSync(join(tmpdir(), "gaia-agents-"));
  const dataDir = mkdtempSync(join(tmpdir(), "gaia-agents-data-"));
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    endPrograms();
    for (const end of closing.splice(0).reverse()) await end();
    rmSync(dataDir, { recursive: true, force: true });
    if (!kept) rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void close().then(() => process.exit(1)));
  try {
    install(folder, PACKAGES);
    const { simulator, cast } = await startProviders();
    closing.push(() => simulator.close());
    const stack = await startStack(dataDir, {
      OPENAI_API_KEY: "scripted",
      OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
      ANTHROPIC_API_KEY: "scripted",
      ANTHROPIC_BASE_URL: `${simulator.url}/anthropic`,
      GOOGLE_API_KEY: "scripted",
      GOOGLE_BASE_URL: `${simulator.url}/google`,
    });
    closing.push(() => stack.stop());
    const door = await openDoor(stack.ready.router);
    closing.push(() => door.close());
    const outcomes: Outcome[] = [];
    for (const run of runs) {
      const { passages, ...outcome } = await perform(run, { packages: folder, stack, door, cast });
      outcomes.push(outcome);
      tell(outcome);
      const file = `${nameOf(run).replace(/[^A-Za-z0-9.]+/g, "-")}json`;
      if (kept) writeFiles(join(folder, "runs"), { [file]: JSON.stringify(passages, null, 2) });
    }
    console.log(`\n${table(outcomes)}`);
    const examples = await runExamples(wanted, { packages: folder, stack, door });
    for (const { name, faults } of examples)
      console.log([`${faults.length === 0 ? "ok  " : "FAIL"}  ${name}`, ...faults].join("\n      "));
    if (outcomes.length + examples.length === 0 || [...outcomes, ...examples].some(({ faults }) => faults.length > 0))
      process.exitCode = 1;
  } finally {
    await close();
  }
}

await main();
