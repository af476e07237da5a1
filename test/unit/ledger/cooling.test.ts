import { expect, test } from "vitest";
import { replanOfCooling } from "../../../worker/ledger/cooling.ts";
import { Cooldowns } from "../../../worker/lib/cooldowns.ts";

const NOW = 1_000_000;
const A = "openai/gpt-6@";
const B = "anthropic/claude-opus-5-5@second";

test.each([
  ["has alternatives and is cooling", A, true, NOW, true],
  ["has no alternatives", A, false, NOW, false],
  ["is not cooling", "openai/gpt-6-mini@", true, NOW, false],
  ["is cooling no more", A, true, NOW + 5_000, false],
])("a request whose target %s", (_name, target, alternatives, now, replans) => {
  const cooldowns = new Cooldowns();
  const cooling = [
    { target: A, until: NOW + 5_000 },
    { target: B, until: NOW + 9_000 },
  ];
  cooldowns.learn(cooling, NOW);
  const expected = replans ? { ok: false, code: "cooling", cooling } : null;
  expect(replanOfCooling(cooldowns, { target, alternatives }, now)).toEqual(expected);
});
