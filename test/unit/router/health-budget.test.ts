import { describe, expect, test } from "vitest";
import { Cooldowns } from "../../../worker/lib/cooldowns.ts";
import { Breakers, type Passage } from "../../../worker/router/breaker.ts";
import { Health } from "../../../worker/router/health.ts";
import { RetryBudget } from "../../../worker/router/retry-budget.ts";

const NOW = Date.UTC(2026, 10, 26);
const SECOND = 1_000;

interface Load {
  /** Of every so many calls of a first target the last one fails. */
  every: number;
  /** Requests a second, at even distances. */
  rate: number;
  /** Milliseconds until a call has failed, or answers. */
  latency: number;
  /** Routes of two targets that are asked in turn; the second target of each is well. */
  routes: number;
  seconds: number;
}

/** What becomes of requests in one isolate whose first targets fail now and then. */
function run({ every, rate, latency, routes, seconds }: Load) {
  const health = new Health({
    ...{ breakers: new Breakers(() => 0), cooldowns: new Cooldowns(), budget: new RetryBudget() },
  });
  const calls = new Map<string, number>();
  const under: { at: number; target: string; passage: Passage | null; fails: boolean }[] = [];
  let [refused, retried, first] = [0, 0, 0];
  const settle = (until: number) => {
    for (let [next] = under; next !== undefined && next.at <= until; [next] = under) {
      under.shift();
      const { at, target, passage, fails } = next;
      if (!fails) {
        health.succeeded(target, passage, at);
        continue;
      }
      health.failed(target, passage, { failure: "internal", retryAfterMs: null, now: at });
      if (health.mayRetry(at)) retried++;
      else refused++;
    }
  };
  const requests = rate * seconds;
  for (let request = 0; request < requests; request++) {
    const now = NOW + Math.round((request * SECOND) / rate);
    settle(now);
    health.count(now);
    const route = request % routes;
    const [best] = health.order([{ key: `first-${route}` }, { key: `second-${route}` }], now);
    const target = best?.key ?? "";
    const count = (calls.get(target) ?? 0) + 1;
    calls.set(target, count);
    if (target.startsWith("first")) first++;
    const fails = target.startsWith("first") && count % every === 0;
    under.push({ at: now + latency, target, passage: health.begin(target, now), fails });
  }
  settle(Number.POSITIVE_INFINITY);
  return { refused, retried, first, requests };
}

describe("no caller hears of a target that fails now and then, while another one is well", () => {
  const loads: Load[] = [1, 2, 3, 4, 6, 10].flatMap((every) =>
    [1, 5, 20, 100].flatMap((rate) =>
      [1, 3].map((routes) => ({ every, rate, latency: Math.min(200, 4_000 / rate), routes, seconds: 120 })),
    ),
  );

  test.each(loads)("every $every of $rate a second, over $routes routes", (load) => {
    const { refused, retried } = run(load);
    expect([refused, retried > 0]).toEqual([0, true]);
  });
});

test.each([6, 10, 50])("one in %d failures is made up for, and nobody is left alone for it", (every) => {
  const { first, requests } = run({ every, rate: 50, latency: 50, routes: 1, seconds: 60 });
  expect(first).toBe(requests);
});
