import { expect, test } from "vitest";
import { KeptCooldowns } from "../../../worker/ledger/kept-cooldowns.ts";
import { CountedSql } from "../../../worker/ledger/storage.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

const NOW = 1_000_000;
const A = "openai/gpt-6@";
const B = "anthropic/claude-opus-5-5@second";

test("what asks to be left alone for longer than a sleep is known after it, until it is over", () => {
  const sql = new CountedSql(new SqliteStorage());
  const cooling = [
    { target: B, until: NOW + 60_000 },
    { target: A, until: NOW + 240_000, reason: "rate_limit" },
  ];
  new KeptCooldowns(sql, NOW).learn([...cooling, { target: "short", until: NOW + 5_000 }], NOW);
  expect(new KeptCooldowns(sql, NOW + 100).active(NOW + 100)).toEqual(cooling);
  expect(new KeptCooldowns(sql, NOW + 60_000).active(NOW + 60_000)).toEqual([cooling[1]]);
  expect(new KeptCooldowns(sql, NOW + 240_000).active(NOW + 240_000)).toEqual([]);
});

test("each cooldown is written once, however many tell of it, and goes when another is written", () => {
  const sql = new CountedSql(new SqliteStorage());
  const cooldowns = new KeptCooldowns(sql, NOW);
  for (let told = 0; told < 100; told++) cooldowns.learn([{ target: A, until: NOW + 60_000 + told * 10 }], NOW + told);
  expect(sql.rowsWritten).toBeLessThanOrEqual(2);
  expect(cooldowns.until(A, NOW + 60_500)).toBe(NOW + 60_990);
  // Five seconds more are worth a row.
  cooldowns.learn([{ target: A, until: NOW + 65_000 }], NOW);
  expect(new KeptCooldowns(sql, NOW).until(A, NOW)).toBe(NOW + 65_000);
  cooldowns.learn([{ target: B, until: NOW + 90_000 }], NOW + 70_000);
  expect(sql.rows("SELECT target FROM cooling")).toEqual([{ target: B }]);
});

test("names of clients' do not fill the storage", () => {
  const sql = new CountedSql(new SqliteStorage());
  const many = Array.from({ length: 600 }, (_, index) => ({ target: `openai/m${index}@`, until: NOW + 60_000 }));
  new KeptCooldowns(sql, NOW).learn(many, NOW);
  expect(sql.rows("SELECT count(*) AS rows FROM cooling")).toEqual([{ rows: 500 }]);
});
