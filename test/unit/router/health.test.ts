import { describe, expect, test } from "vitest";
import { Cooldowns } from "../../../worker/lib/cooldowns.ts";
import { Breakers } from "../../../worker/router/breaker.ts";
import type { AttemptFailure } from "../../../worker/router/failures.ts";
import { Health } from "../../../worker/router/health.ts";
import { RetryBudget } from "../../../worker/router/retry-budget.ts";

const NOW = Date.UTC(2026, 10, 26);
const SECOND = 1_000;
const [A, B, C] = ["openai/a@", "openai/b@", "openai/c@second"];

const fresh = (floor?: number) =>
  new Health({ breakers: new Breakers(() => 0.5), cooldowns: new Cooldowns(), budget: new RetryBudget(floor) });

/** A call that fails. */
const fail = (health: Health, target: string, failure: AttemptFailure, retryAfterMs: number | null = null, now = NOW) =>
  health.failed(target, health.begin(target, now), { failure, retryAfterMs, now });

/** So many failures as open a breaker, for ten seconds. */
function broken(health: Health, target: string): void {
  for (let count = 0; count < 5; count++) fail(health, target, "internal");
}

const order = (health: Health, now = NOW) =>
  health.order([{ key: A }, { key: B }, { key: C }], now).map(({ key }) => key);

describe("the order", () => {
  test("is that of the list where all are well", () => {
    expect(order(fresh())).toEqual([A, B, C]);
  });

  test("has those that are well first, then the soonest to be", () => {
    const health = fresh();
    health.learn([{ target: A, until: NOW + 20 * SECOND }], NOW);
    broken(health, B);
    expect(order(health)).toEqual([C, B, A]);
    expect(order(health, NOW + 10 * SECOND)).toEqual([B, C, A]);
    expect(order(health, NOW + 20 * SECOND)).toEqual([A, B, C]);
  });

  test("goes by the later end of a target that both cools and broke", () => {
    const health = fresh();
    for (const target of [A, B, C]) broken(health, target);
    health.learn([{ target: A, until: NOW + 11 * SECOND }], NOW);
    health.learn([{ target: B, until: NOW + 9 * SECOND }], NOW);
    expect(order(health)).toEqual([B, C, A]);
  });

  test("has one that is being probed behind those that are well, before those that are not", () => {
    const health = fresh();
    for (const target of [A, B]) broken(health, target);
    health.learn([{ target: B, until: NOW + 60 * SECOND }], NOW);
    const then = NOW + 10 * SECOND;
    const probe = health.begin(A, then);
    expect(probe).not.toBeNull();
    expect(order(health, then)).toEqual([C, A, B]);
    expect(health.begin(A, then)).toBeNull();
    health.abandoned(A, probe);
    expect(order(health, then)).toEqual([A, C, B]);
  });
});

describe("an ailment", () => {
  test("is none of what nobody has heard of", () => {
    expect(fresh().ailment(A, NOW)).toBeNull();
  });

  test("is an open breaker, until it may be probed, and while it is", () => {
    const health = fresh();
    broken(health, A);
    const then = NOW + 10 * SECOND;
    expect([health.ailment(A, then - 1), health.ailment(A, then)]).toEqual(["breaker_open", null]);
    const probe = health.begin(A, then);
    expect(health.ailment(A, then)).toBe("breaker_open");
    health.succeeded(A, probe, then);
    expect([health.ailment(A, then), health.ailment(B, then)]).toEqual([null, null]);
  });

  test("is cooling first, whatever else it has", () => {
    const health = fresh();
    broken(health, A);
    health.learn([{ target: A, until: NOW + SECOND }], NOW);
    expect([health.ailment(A, NOW), health.ailment(A, NOW + SECOND)]).toEqual(["cooling", "breaker_open"]);
  });
});

describe("a failure", () => {
  /** `null`: nobody need be told. */
  test.each<[AttemptFailure, number | null, seconds: number | null]>([
    ["rate_limit", null, 5],
    ["rate_limit", 7_000, 7],
    ["rate_limit", 0, 1],
    ["rate_limit", 3_600_000, 300],
    ["overloaded", 7_000, 7],
    ["overloaded", null, null],
    ["quota", 7_000, 7],
    ["quota", null, null],
    ["internal", 7_000, null],
    ["unreachable", null, null],
    ["credential", 7_000, null],
    ["invalid_request", 7_000, null],
  ])("%s with Retry-After %s ms cools for %s s", (failure, retryAfterMs, seconds) => {
    const health = fresh();
    const until = seconds === null ? null : NOW + seconds * SECOND;
    expect(fail(health, A, failure, retryAfterMs)).toEqual(
      until === null ? null : { target: A, until, reason: failure },
    );
    expect(health.ailment(A, NOW)).toBe(until === null ? null : "cooling");
    if (until !== null) expect(health.ailment(A, until)).toBeNull();
    expect(health.ailment(B, NOW)).toBeNull();
  });

  test("is not told as shorter than what was known, and the longer one holds", () => {
    const health = fresh();
    health.learn([{ target: A, until: NOW + 60 * SECOND }], NOW);
    fail(health, A, "rate_limit", 7_000);
    expect(health.ailment(A, NOW + 59 * SECOND)).toBe("cooling");
  });

  test.each<[AttemptFailure, opens: boolean]>([
    ["internal", true],
    ["unreachable", true],
    ["first_token_timeout", true],
    ["malformed", true],
    ["overloaded", true],
    ["rate_limit", false],
    ["invalid_request", false],
    ["context_length", false],
    ["content_policy", false],
    ["refused", false],
  ])("%s five times opens the breaker: %s", (failure, opens) => {
    const health = fresh();
    for (let count = 0; count < 5; count++) fail(health, A, failure);
    expect(health.ailment(A, NOW + 6 * SECOND)).toBe(opens ? "breaker_open" : null);
  });

  test.each<[AttemptFailure, ailment: string | null]>([
    ["invalid_request", null],
    ["internal", "breaker_open"],
  ])("%s of a probe leaves the breaker so that it is %s", (failure, ailment) => {
    const health = fresh();
    broken(health, A);
    const then = NOW + 10 * SECOND;
    fail(health, A, failure, null, then);
    expect(health.ailment(A, then)).toBe(ailment);
  });
});

describe("retries", () => {
  test("are those of the floor, and one for every fifth request", () => {
    const health = fresh(1);
    for (let count = 0; count < 10; count++) health.count(NOW);
    expect([1, 2, 3, 4].map(() => health.mayRetry(NOW))).toEqual([true, true, true, false]);
    for (let count = 0; count < 5; count++) health.count(NOW);
    expect([1, 2].map(() => health.mayRetry(NOW))).toEqual([true, false]);
  });

  test("come back with time", () => {
    const health = fresh(1);
    expect([health.mayRetry(NOW), health.mayRetry(NOW + 9 * SECOND)]).toEqual([true, false]);
    expect(health.mayRetry(NOW + 10 * SECOND)).toBe(true);
  });
});
