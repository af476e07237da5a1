import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

it("the Worker knows its daily cron by the text that wrangler.toml has", () => {
  const crons = JSON.parse(/^crons = (.+)$/m.exec(read("wrangler.toml"))?.[1] ?? "null");
  const daily = /^const DAILY = "(.+)";$/m.exec(read("worker/index.ts"))?.[1];
  expect(crons).toHaveLength(2);
  expect(crons).toContain(daily);
});
