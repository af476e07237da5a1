import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runStart } from "../support/stack.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";

test.each(["8.17.0", "18.20.8", "20.20.2", "22.17.1", "23.5.0"])("Node %s is told what to do", async (version) => {
  const disguise = `Object.defineProperty(process.versions, "node", { value: "${version}" })`;
  const start = runStart({}, ["--import", `data:text/javascript,${encodeURIComponent(disguise)}`]);
  expect(await start.exited).toBe(1);
  expect(start.output()).toContain(`this is Node ${version}`);
  expect(start.output()).toContain("npm ci");
});

test("the entry has nothing that an old Node could not parse but import()", () => {
  const source = readFileSync(join(import.meta.dirname, "../../local/start.js"), "utf8");
  const code = source.replaceAll(/\/\/.*|"[^"\n]*"/g, "");
  expect(code).not.toMatch(/=>|`|\b(const|let|async|await|class|import [^(]|export)\b|\?\.|\?\?/);
});

test.each([
  ["PORT", "eighty"],
  ["PORT", "65536"],
  ["DASHBOARD_PORT", "-1"],
  ["DATABASE_URL", "mysql://host/db"],
  ["OPENAI_BASE_URL", "api.openai.com/v1"],
  ["COMPATIBLE_BASE_URL", "models.example.com/v1"],
  ["ANTHROPIC_VERSION", "2024-01-01"],
])("%s=%s is refused by name, and its value not repeated when it may be secret", async (name, value) => {
  const start = runStart({ DATA_DIR: temporaryDataDir(), [name]: value });
  expect(await start.exited).toBe(1);
  expect(start.output()).toContain(`${name} must be`);
  expect(start.output()).not.toMatch(/^\s+at /m);
  if (name.endsWith("_URL")) expect(start.output()).not.toContain(value);
});

test("a damaged secrets.json is not replaced", async () => {
  const dataDir = temporaryDataDir();
  writeFileSync(join(dataDir, "secrets.json"), '{"KEY_PEPPER": "half');
  const start = runStart({ DATA_DIR: dataDir });
  expect(await start.exited).toBe(1);
  expect(start.output()).toContain("secrets.json is damaged");
  expect(readFileSync(join(dataDir, "secrets.json"), "utf8")).toBe('{"KEY_PEPPER": "half');
});
