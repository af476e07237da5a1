import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cooldowns } from "../../../worker/lib/cooldowns.ts";
import { Breakers } from "../../../worker/router/breaker.ts";
import { ailingUntil, byHealth, orderTargets, targetKey } from "../../../worker/router/targets.ts";

const NOW = Date.UTC(2026, 10, 26);

test.each([
  [targetKey("openai", "gpt-6-sol", null), "openai/gpt-6-sol@"],
  [targetKey("openrouter", "openai/gpt-6-sol:free", "second"), "openrouter/openai/gpt-6-sol:free@second"],
])("%s", (key, expected) => {
  expect(key).toBe(expected);
});

const targets = fc.uniqueArray(
  fc.record({
    key: fc.stringMatching(/^(openai|compatible)\/[a-z0-9]{1,12}@[a-z]{0,3}$/),
    weight: fc.integer({ min: 1, max: 100 }),
  }),
  { selector: ({ key }) => key, minLength: 1, maxLength: 6 },
);
const keysOf = (list: readonly { key: string }[]) => list.map(({ key }) => key);

describe("a weighted route", () => {
  const order = (list: readonly { key: string; weight: number }[], conversation: string) =>
    keysOf(orderTargets({ strategy: "weighted", targets: list, conversation }));

  test("gives a conversation the same order however its targets are listed", () => {
    const property = fc.property(targets, fc.string(), fc.nat(), (list, conversation, turn) => {
      const turned = [...list.slice(turn % list.length), ...list.slice(0, turn % list.length)];
      expect(order(turned, conversation)).toEqual(order(list, conversation));
    });
    fc.assert(property);
  });

  test("without one of its targets keeps the order of the others", () => {
    const property = fc.property(targets, fc.string(), fc.nat(), (list, conversation, which) => {
      const gone = list[which % list.length]?.key;
      const left = list.filter(({ key }) => key !== gone);
      expect(order(left, conversation)).toEqual(order(list, conversation).filter((key) => key !== gone));
    });
    fc.assert(property);
  });

  test("with a greater weight moves conversations to that target only", () => {
    const property = fc.property(targets, fc.string(), fc.nat(), (list, conversation, which) => {
      const grown = list[which % list.length]?.key;
      const heavier = list.map(({ key, weight }) => ({ key, weight: key === grown ? weight * 3 : weight }));
      const [before, after] = [order(list, conversation), order(heavier, conversation)];
      expect(after.filter((key) => key !== grown)).toEqual(before.filter((key) => key !== grown));
      expect(after.indexOf(grown as string)).toBeLessThanOrEqual(before.indexOf(grown as string));
    });
    fc.assert(property);
  });

  test("gives each target its share of the conversations", () => {
    const many = 4_000;
    const property = fc.property(targets, fc.string(), (list, prefix) => {
      const firsts = new Map<string, number>();
      for (let n = 0; n < many; n++) {
        const [first] = order(list, `${prefix}${n}`);
        firsts.set(first as string, (firsts.get(first as string) ?? 0) + 1);
      }
      const all = list.reduce((sum, { weight }) => sum + weight, 0);
      for (const { key, weight } of list) {
        const share = weight / all;
        // Six standard deviations, and a few for the smallest shares: chance does not come so far.
        const room = 6 * Math.sqrt(many * share * (1 - share)) + 6;
        expect(Math.abs((firsts.get(key) ?? 0) - many * share)).toBeLessThanOrEqual(room);
      }
    });
    fc.assert(property, { numRuns: 20 });
  });

  test("spreads the conversations of a target that is gone over all the others", () => {
    const list = ["a", "b", "c", "d"].map((key) => ({ key, weight: 1 }));
    const seconds = new Set(
      Array.from({ length: 200 }, (_, n) => order(list, `${n}`))
        .filter(([first]) => first === "a")
        .map(([, second]) => second),
    );
    expect([...seconds].sort()).toEqual(["b", "c", "d"]);
  });
});

test("an ordered route is as it is listed", () => {
  const property = fc.property(targets, fc.string(), (list, conversation) => {
    expect(orderTargets({ strategy: "ordered", targets: list, conversation })).toEqual(list);
  });
  fc.assert(property);
});

describe("by health", () => {
  const health = () => ({ breakers: new Breakers(() => 0.5), cooldowns: new Cooldowns(), now: NOW });
  const named = (...keys: string[]) => keys.map((key) => ({ key }));
  const open = ({ breakers }: ReturnType<typeof health>, key: string, at: number) => {
    for (let n = 0; n < 5; n++) breakers.failed(key, 0, at);
  };

  test("those that are well come first, in their order", () => {
    const known = health();
    open(known, "a", NOW);
    known.cooldowns.learn([{ target: "c", until: NOW + 3_000 }], NOW);
    expect(keysOf(byHealth(named("a", "b", "c", "d"), known))).toEqual(["b", "d", "c", "a"]);
  });

  test("where none is, the soonest to be well", () => {
    const known = health();
    open(known, "a", NOW);
    open(known, "b", NOW - 5_000);
    // What is open and cooling is well when both are over.
    open(known, "c", NOW - 9_000);
    known.cooldowns.learn([{ target: "c", until: NOW + 60_000 }], NOW);
    expect(keysOf(byHealth(named("a", "c", "b"), known))).toEqual(["b", "a", "c"]);
    expect(ailingUntil("c", known)).toBe(NOW + 60_000);
  });

  test("one that is to be probed is where it belongs, until it is", () => {
    const known = { ...health(), now: NOW + 10_000 };
    open(known, "a", NOW);
    expect(keysOf(byHealth(named("a", "b"), known))).toEqual(["a", "b"]);
    known.breakers.mayTry("a", known.now);
    expect(keysOf(byHealth(named("a", "b"), known))).toEqual(["b", "a"]);
  });
});
