import fc from "fast-check";
import { expect, test } from "vitest";
import { Cooldowns } from "../../../worker/lib/cooldowns.ts";

const NOW = Date.UTC(2026, 10, 26);

test.each<[string, number[], number | null]>([
  ["it cools until then", [NOW + 7_000], NOW + 7_000],
  ["of two ends the later one counts", [NOW + 7_000, NOW + 5_000], NOW + 7_000],
  ["whichever was told first", [NOW + 5_000, NOW + 7_000], NOW + 7_000],
  ["for five minutes at most", [NOW + 86_400_000], NOW + 300_000],
  ["an end that is past is none", [NOW], null],
  ["nor is one that is no number", [Number.NaN], null],
])("%s", (_, told, until) => {
  const cooldowns = new Cooldowns();
  cooldowns.learn(
    told.map((until) => ({ target: "a", until })),
    NOW,
  );
  expect(cooldowns.until("a", NOW)).toBe(until);
  expect(cooldowns.isCooling("a", NOW)).toBe(until !== null);
  expect(cooldowns.isCooling("b", NOW)).toBe(false);
});

test("an end that is no number forgets no other", () => {
  const cooldowns = new Cooldowns();
  cooldowns.learn([{ target: "a", until: NOW + 5_000 }], NOW);
  cooldowns.learn([{ target: "a", until: Number.NaN }], NOW);
  expect(cooldowns.until("a", NOW)).toBe(NOW + 5_000);
});

test("it is over on time", () => {
  const cooldowns = new Cooldowns();
  cooldowns.learn([{ target: "a", until: NOW + 5_000 }], NOW);
  expect(cooldowns.isCooling("a", NOW + 4_999)).toBe(true);
  expect([cooldowns.active(NOW + 5_000), cooldowns.isCooling("a", NOW + 5_000)]).toEqual([[], false]);
});

test("of too many those that end soonest are forgotten", () => {
  const cooldowns = new Cooldowns();
  const many = Array.from({ length: 1_200 }, (_, n) => ({ target: `${n}`, until: NOW + 1_000 + n }));
  cooldowns.learn(many, NOW);
  expect(cooldowns.active(NOW)).toEqual(many.slice(200));
});

test("whatever is told, in whatever order, it says what a list of everything would", () => {
  const told = fc.record({
    target: fc.constantFrom("a", "b", "c"),
    ahead: fc.integer({ min: -10_000, max: 400_000 }),
    after: fc.integer({ min: 0, max: 100_000 }),
  });
  const property = fc.property(fc.array(told), (all) => {
    const cooldowns = new Cooldowns();
    const ends: Record<string, number> = { a: 0, b: 0, c: 0 };
    let now = NOW;
    for (const { target, ahead, after } of all) {
      now += after;
      cooldowns.learn([{ target, until: now + ahead }], now);
      ends[target] = Math.max(ends[target] ?? 0, now + Math.min(ahead, 300_000));
      const cooling = Object.keys(ends).filter((one) => (ends[one] ?? 0) > now);
      expect(
        cooldowns
          .active(now)
          .map((one) => one.target)
          .sort(),
      ).toEqual(cooling);
      for (const { target, until } of cooldowns.active(now)) {
        expect([until, cooldowns.until(target, now)]).toEqual([ends[target], ends[target]]);
      }
    }
  });
  fc.assert(property);
});
