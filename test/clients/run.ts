/**
 * `npm run clients [-- a page's name]`: every JavaScript example of docs/clients, exactly as printed, against `npm start`
 * with simulated providers. What it prints must be what the block after it says; `…` stands for anything. CLIENTS_DIR
 * names a folder where the SDKs stay installed.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { install, type Packages } from "../support/packages.ts";
import { type RunningStack, startStack } from "../support/stack.ts";
import { blocksOf, pageNames } from "./pages.ts";

const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
) as Record<"dependencies" | "devDependencies", Record<string, string>>;
const pinned: Record<string, string> = { ...dependencies, ...devDependencies };

const ours = (...names: string[]): Packages =>
  Object.fromEntries(names.map((name) => [name, pinned[name] ?? "latest"]));

const PACKAGES: Packages = {
  ...ours("openai", "@anthropic-ai/sdk", "@google/genai"),
  ...ours("ai", "@ai-sdk/openai", "@ai-sdk/anthropic", "@ai-sdk/google", "zod"),
  langchain: "1.5.14",
  "@langchain/core": "1.4.0",
  "@langchain/openai": "1.6.0",
  "@langchain/anthropic": "1.5.11",
  "@langchain/google": "0.2.6",
};

const TIME_LIMIT_MS = 60_000;

interface Example {
  page: string;
  line: number;
  code: string;
  /** Null where the page does not say it, which is a fault. */
  prints: string | null;
}

function examplesOf(page: string): Example[] {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ language, text, line }, index) => {
    if (language !== "js") return [];
    const next = blocks[index + 1];
    return [{ page, line, code: text, prints: next?.language === "text" ? next.text : null }];
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const asPattern = (text: string): RegExp => new RegExp(`^${text.trim().split("…").map(escaped).join("[\\s\\S]*?")}$`);

/** What is wrong with an example; null when nothing is. */
function run({ page, line, code, prints }: Example, folder: string, { ready }: RunningStack): string | null {
  const file = join(folder, `${page.replace(/\.md$/, "")}-${line}.mjs`);
  writeFileSync(file, code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    encoding: "utf8",
    timeout: TIME_LIMIT_MS,
    env: { PATH: dirname(process.execPath), GAIA_URL: ready.router, GAIA_KEY: ready.apiKey },
  });
  if (status !== 0) return `it ended with ${status}:\n${stdout}${stderr}`;
  if (prints === null) return `the page does not say what it prints:\n${stdout}`;
  return asPattern(prints).test(stdout.trim()) ? null : `it printed\n${stdout}\nand not\n${prints}`;
}

const wanted = process.argv[2] ?? "";
const examples = pageNames()
  .filter((page) => page.includes(wanted))
  .flatMap(examplesOf);
const kept = process.env.CLIENTS_DIR;
const folder = kept ? resolve(kept) : mkdtempSync(join(tmpdir(), "gaia-clients-"));
const dataDir = mkdtempSync(join(tmpdir(), "gaia-clients-data-"));
let stack: RunningStack | null = null;
const close = async () => {
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
  if (!kept) rmSync(folder, { recursive: true, force: true });
};
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void close().then(() => process.exit(1)));
try {
  install(folder, PACKAGES);
  const code = join(folder, "examples");
  mkdirSync(code, { recursive: true });
  stack = await startStack(dataDir, { SIMULATOR_PACE_MS: "1" });
  let failed = examples.length === 0 ? 1 : 0;
  for (const example of examples) {
    const fault = run(example, code, stack);
    if (fault !== null) failed++;
    console.log(`${fault === null ? "ok  " : "FAIL"}  docs/clients/${example.page}:${example.line}`);
    if (fault !== null) console.log(fault);
  }
  console.log(`\n${examples.length} examples, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
} finally {
  await close();
}
