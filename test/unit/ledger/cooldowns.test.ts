import { describe, expect, test } from "vitest";
import { Cooldowns } from "../../../worker/ledger/cooldowns.ts";

const NOW = 1_000_000;
const A = "openai/gpt-6@";
const B = "anthropic/claude-opus-5-5@second";

const knowing = (...cooling: [target: string, until: number][]): Cooldowns => {
  const cooldowns = new Cooldowns();
  for (const [target, until] of cooling) cooldowns.learn([{ target, until }], NOW);
  return cooldowns;
};

describe("what is cooling", () => {
  test.each<[string, [string, number][], number, [string, number][]]>([
    ["nothing at first", [], NOW, []],
    ["a target until its time", [[A, NOW + 5]], NOW + 4, [[A, NOW + 5]]],
    ["no target from its time on", [[A, NOW + 5]], NOW + 5, []],
    [
      "of two times the later one",
      [
        [A, NOW + 9],
        [A, NOW + 5],
      ],
      NOW + 8,
      [[A, NOW + 9]],
    ],
    [
      "of two times the later one, told last",
      [
        [A, NOW + 5],
        [A, NOW + 9],
      ],
      NOW + 8,
      [[A, NOW + 9]],
    ],
    ["nothing for longer than five minutes", [[A, NOW + 900_000]], NOW, [[A, NOW + 300_000]]],
    ["nothing whose time has passed", [[A, NOW]], NOW, []],
    ["nothing until no time at all", [[A, Number.NaN]], NOW, []],
    [
      "each for itself",
      [
        [A, NOW + 5],
        [B, NOW + 9],
      ],
      NOW + 5,
      [[B, NOW + 9]],
    ],
  ])("is %s", (_name, told, now, expected) => {
    const cooldowns = knowing(...told);
    for (const target of [A, B]) {
      expect(cooldowns.isCooling(target, now), target).toBe(expected.some(([one]) => one === target));
    }
    expect(cooldowns.active(now)).toEqual(expected.map(([target, until]) => ({ target, until })));
  });

  test("are the thousand targets that cool longest, of more", () => {
    const cooldowns = new Cooldowns();
    const target = (nth: number) => `openai/model-${nth}@`;
    const cooling = Array.from({ length: 1_200 }, (_, nth) => ({ target: target(nth), until: NOW + 1 + nth }));
    cooldowns.learn(cooling.slice(0, 700), NOW);
    cooldowns.learn(cooling.slice(700), NOW);
    expect(cooldowns.active(NOW)).toHaveLength(1_000);
    expect([199, 200, 1_199].map((nth) => cooldowns.isCooling(target(nth), NOW))).toEqual([false, true, true]);
  });
});

describe("a request", () => {
  test.each([
    ["that could go elsewhere is told of all that is cooling", A, true, true],
    ["that could not is let be", A, false, false],
    ["for another target is let be", "openai/gpt-6@second", true, false],
  ])("%s", (_name, target, alternatives, told) => {
    const replan = knowing([A, NOW + 5], [B, NOW + 9]).replan({ target, alternatives }, NOW);
    const cooling = [
      { target: A, until: NOW + 5 },
      { target: B, until: NOW + 9 },
    ];
    expect(replan).toEqual(told ? { ok: false, code: "cooling", cooling } : null);
  });
});
