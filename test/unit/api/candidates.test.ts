import { describe, expect, test } from "vitest";
import { Candidates } from "../../../worker/api/inference/candidates.ts";
import { NOTHING_BEFORE } from "../../../worker/api/inference/exchange.ts";
import { Cooldowns } from "../../../worker/lib/cooldowns.ts";
import { Breakers } from "../../../worker/router/breaker.ts";
import { Health } from "../../../worker/router/health.ts";
import type { Target } from "../../../worker/router/resolve.ts";
import { RetryBudget } from "../../../worker/router/retry-budget.ts";
import type { Candidate } from "../../../worker/router/targets.ts";

const NOW = Date.UTC(2026, 10, 26);
const ARRIVED = NOW - 7;

const candidate = (name: string): Candidate => ({
  target: { provider: { id: "openai" }, upstreamModel: name, credential: null } as unknown as Target,
  ...{ key: `openai/${name}@`, weight: 1, from: "route" },
});
const [a, b, c] = [candidate("a"), candidate("b"), candidate("c")];

const healthy = () =>
  new Health({ breakers: new Breakers(() => 0.5), cooldowns: new Cooldowns(), budget: new RetryBudget() });
/** Until so many milliseconds from now. */
function cooling(ends: Record<string, number>): Health {
  const health = healthy();
  const told = Object.entries(ends).map(([name, ms]) => ({ target: `openai/${name}@`, until: NOW + ms }));
  health.learn(told, NOW);
  return health;
}

const candidates = (wanted: Candidate[], mayMoveOn = true) => new Candidates({ route: null, wanted, mayMoveOn });
const take = (from: Candidates, health: Health) => from.take(health, NOW, ARRIVED)?.candidate.key ?? null;
const told = ({ before }: Candidates) => before.tries.map(({ model, outcome, reason }) => [model, outcome, reason]);

describe("the next candidate", () => {
  test("is the first that is left, until none is", () => {
    const all = candidates([a, b]);
    const health = healthy();
    expect([all.alternatives, take(all, health)]).toEqual([true, a.key]);
    expect([all.alternatives, take(all, health)]).toEqual([true, b.key]);
    expect([all.alternatives, take(all, health)]).toEqual([false, null]);
    expect(all.before).toEqual(NOTHING_BEFORE);
  });

  test("is one that is well; those before it are told once, and taken in the end", () => {
    const all = candidates([a, b, c]);
    const health = cooling({ a: 2_000, b: 1_000 });
    expect([take(all, health), take(all, health), take(all, health)]).toEqual([c.key, b.key, a.key]);
    expect(told(all)).toEqual([
      ["a", "skipped", "cooling"],
      ["b", "skipped", "cooling"],
    ]);
    expect(all.before.tries[0]).toMatchObject({ status: null, startMs: 7, durationMs: 0, costNano: 0 });
  });

  test("is the soonest to be well where none is", () => {
    const all = candidates([a, b]);
    expect(take(all, cooling({ a: 2_000, b: 1_000 }))).toBe(b.key);
    expect(told(all)).toEqual([["a", "skipped", "cooling"]]);
  });

  test("is none of none", () => {
    expect(take(candidates([]), healthy())).toBeNull();
  });
});

describe("a candidate that was taken", () => {
  test("and given back is the first again, as if it had not been", () => {
    const all = candidates([a, b]);
    const health = healthy();
    for (let round = 0; round < 5; round++) {
      expect(take(all, health)).toBe(a.key);
      all.giveBack(a);
    }
    expect(take(all, health)).toBe(a.key);
    all.putBack(a);
    expect([take(all, health), take(all, health)]).toEqual([b.key, a.key]);
  });

  test("is put back behind the others once, and not a second time", () => {
    const all = candidates([a, b]);
    const health = healthy();
    take(all, health);
    all.putBack(a);
    expect([take(all, health), take(all, health)]).toEqual([b.key, a.key]);
    all.putBack(a);
    expect([all.alternatives, take(all, health)]).toEqual([false, null]);
  });

  test("counts together with another of its name: a model and its own fallback are one target", () => {
    const all = candidates([a, candidate("a")]);
    const health = healthy();
    take(all, health);
    take(all, health);
    all.putBack(a);
    expect(all.alternatives).toBe(false);
  });
});

test("only those that could do better are kept, in their order", () => {
  const all = candidates([a, b, c]);
  all.keep(({ key }) => key !== b.key);
  const health = healthy();
  expect([take(all, health), take(all, health), take(all, health)]).toEqual([a.key, c.key, null]);
});

test("twenty are told at most, and what was told before stays as it was", () => {
  const all = candidates([]);
  const { before } = all;
  for (let count = 0; count < 25; count++) {
    all.skip({ provider: "openai", model: `m${count}`, credential: null }, "cooling", count);
  }
  expect(all.before.tries).toHaveLength(20);
  expect(all.before.tries.at(-1)).toMatchObject({ model: "m19", startMs: 19 });
  expect(before.tries).toEqual([]);
});
