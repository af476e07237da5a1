import fc from "fast-check";
import { expect, test } from "vitest";
import { RetryBudget } from "../../../worker/router/retry-budget.ts";

const NOW = Date.UTC(2026, 10, 26);

/** How many retries are to be had at once. */
function left(budget: RetryBudget, now: number): number {
  let retries = 0;
  while (budget.mayRetry(now)) retries++;
  return retries;
}

test.each([
  [0, 10],
  [4, 10],
  [5, 11],
  [1_000, 210],
])("after %d requests there are %d retries", (requests, retries) => {
  const budget = new RetryBudget();
  for (let n = 0; n < requests; n++) budget.request(NOW);
  expect(left(budget, NOW)).toBe(retries);
});

test("ten seconds later what was counted is forgotten, not sooner", () => {
  const budget = new RetryBudget();
  for (let n = 0; n < 50; n++) budget.request(NOW);
  expect(left(budget, NOW)).toBe(20);
  expect(left(budget, NOW + 9_999)).toBe(0);
  expect(left(budget, NOW + 10_000)).toBe(10);
});

test.each([
  [0, 4, false],
  [0, 5, true],
  [50, 9, false],
  [50, 10, true],
])("after %d requests and %d retries they are scarce: %s", (requests, retries, scarce) => {
  const budget = new RetryBudget();
  for (let n = 0; n < requests; n++) budget.request(NOW);
  for (let n = 0; n < retries; n++) budget.mayRetry(NOW);
  expect(budget.isScarce(NOW)).toBe(scarce);
  expect(budget.isScarce(NOW + 10_000)).toBe(false);
});

test("it says what a list of everything would", () => {
  let [allowed, refused] = [0, 0];
  const step = fc.record({ after: fc.integer({ min: 0, max: 700 }), retry: fc.boolean() });
  const property = fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
    const budget = new RetryBudget();
    const seen: { at: number; retry: boolean }[] = [];
    let now = NOW;
    for (const { after, retry } of steps) {
      now += after;
      if (!retry) budget.request(now);
      else {
        const recent = seen.filter(({ at }) => Math.floor(at / 1000) > Math.floor(now / 1000) - 10);
        const retries = recent.filter((one) => one.retry).length;
        const may = (retries + 1 - 10) * 5 <= recent.length - retries;
        expect(budget.mayRetry(now)).toBe(may);
        if (may) allowed++;
        else refused++;
        if (!may) continue;
      }
      seen.push({ at: now, retry });
    }
  });
  fc.assert(property, { numRuns: 500 });
  // What has not happened is not proven.
  expect(Math.min(allowed, refused)).toBeGreaterThan(100);
});
