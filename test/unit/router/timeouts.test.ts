import { describe, expect, test } from "vitest";
import type { RouteTimeouts } from "../../../worker/canonical/tenant.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import type { Settings } from "../../../worker/env.ts";
import { countTimeoutFrom, timeoutsFrom } from "../../../worker/router/timeouts.ts";

const plain = findModel("openai", "gpt-4.1");
const reasons = findModel("openai", "gpt-5.6");

const settings = (more: Partial<Settings>) => more as Settings;
const NONE: RouteTimeouts = { headers: null, firstToken: null, idle: null, total: null };

describe("how long an attempt may take", () => {
  test.each([
    ["a stream", plain, true, { headers: 60_000, firstToken: 60_000, idle: 120_000, total: 900_000 }],
    ["an answer in one piece", plain, false, { headers: 600_000, firstToken: 60_000, idle: 120_000, total: 600_000 }],
    ["a model that reasons", reasons, true, { headers: 300_000, firstToken: 300_000, idle: 300_000, total: 900_000 }],
    ["a model nobody knows", null, true, { headers: 300_000, firstToken: 300_000, idle: 300_000, total: 900_000 }],
  ])("%s", (_what, model, streamed, expected) => {
    expect(timeoutsFrom(settings({}))(model, streamed, null)).toEqual(expected);
    expect(timeoutsFrom(settings({}))(model, streamed, NONE)).toEqual(expected);
  });

  test("the operator's word goes before the model, a route's before the operator's", () => {
    const operator = settings({
      ...{ UPSTREAM_HEADERS_TIMEOUT_MS: 1, UPSTREAM_FIRST_TOKEN_TIMEOUT_MS: 2 },
      ...{ UPSTREAM_IDLE_TIMEOUT_MS: 3, UPSTREAM_TOTAL_TIMEOUT_MS: 4 },
    });
    expect(timeoutsFrom(operator)(plain, false, null)).toEqual({ headers: 1, firstToken: 2, idle: 3, total: 4 });
    const route = { ...NONE, headers: 10, idle: 30 };
    expect(timeoutsFrom(operator)(reasons, true, route)).toEqual({ headers: 10, firstToken: 2, idle: 30, total: 4 });
    const every = { headers: 10, firstToken: 20, idle: 30, total: 40 };
    expect(timeoutsFrom(settings({}))(null, true, every)).toEqual(every);
  });

  test("a count waits for ten seconds at most", () => {
    expect(countTimeoutFrom(settings({}))).toBe(10_000);
    expect(countTimeoutFrom(settings({ UPSTREAM_HEADERS_TIMEOUT_MS: 60_000 }))).toBe(10_000);
    expect(countTimeoutFrom(settings({ UPSTREAM_HEADERS_TIMEOUT_MS: 300 }))).toBe(300);
  });
});
