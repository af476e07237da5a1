import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOfFailure } from "../../../worker/dialects/failure.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import type { ErrorCode } from "../../../worker/errors.ts";
import {
  type AttemptFailure,
  coolingUntil,
  factsOf,
  failureOf,
  mayMoveTo,
  mayTryAgain,
} from "../../../worker/router/failures.ts";
import { SILENT } from "../../../worker/router/within-idle.ts";

const NOW = Date.UTC(2026, 10, 26);

const anthropic = (type: string) => ({ type: "error", error: { type, message: "no" } });
const openai = (code: string | null, type = "x") => ({ error: { message: "no", type, code } });

describe("a provider's error status", () => {
  test.each<[number, object, "openai-chat" | "anthropic-messages" | "google-generate-content", AttemptFailure]>([
    [400, openai(null, "invalid_request_error"), "openai-chat", "invalid_request"],
    [400, openai("context_length_exceeded", "invalid_request_error"), "openai-chat", "context_length"],
    [400, { error: { message: "flagged", code: "content_policy_violation" } }, "openai-chat", "content_policy"],
    [401, openai("invalid_api_key"), "openai-chat", "credential"],
    [402, openai(null), "openai-chat", "billing"],
    [403, anthropic("permission_error"), "anthropic-messages", "permission"],
    [404, openai("model_not_found"), "openai-chat", "not_found"],
    [408, openai(null), "openai-chat", "timeout"],
    [409, openai(null), "openai-chat", "conflict"],
    [413, anthropic("request_too_large"), "anthropic-messages", "too_large"],
    [422, { detail: "no" }, "openai-chat", "invalid_request"],
    [429, openai("rate_limit_exceeded"), "openai-chat", "rate_limit"],
    [429, openai("insufficient_quota", "insufficient_quota"), "openai-chat", "quota"],
    [500, anthropic("api_error"), "anthropic-messages", "internal"],
    [500, anthropic("overloaded_error"), "anthropic-messages", "overloaded"],
    [502, {}, "openai-chat", "internal"],
    [503, { error: { code: 503, status: "UNAVAILABLE" } }, "google-generate-content", "overloaded"],
    [504, { error: { code: 504, status: "DEADLINE_EXCEEDED" } }, "google-generate-content", "timeout"],
    [520, {}, "openai-chat", "internal"],
    [529, anthropic("overloaded_error"), "anthropic-messages", "overloaded"],
  ])("%i %j is known, decoded or not", (status, body, dialect, failure) => {
    const decoded = chatDialects[dialect].decodeFailure(status, new Headers(), body);
    expect(failureOf({ status, code: decoded.kind })).toBe(failure);
    const { code } = errorOfFailure(decoded);
    // Both are told to the client in one code.
    const expected = failure === "permission" ? "credential" : failure;
    expect(failureOf({ status, code })).toBe(expected);
  });

  test.each<[number, string, AttemptFailure]>([
    [429, "http_429", "rate_limit"],
    [503, "UNAVAILABLE", "overloaded"],
    [418, "teapot", "invalid_request"],
    [307, "http_307", "redirect"],
    [200, "server_error", "internal"],
    [200, "overloaded", "overloaded"],
    [500, "constructor", "internal"],
  ])("%i with a word of the provider's own, %j", (status, code, failure) => {
    expect(failureOf({ status, code })).toBe(failure);
  });
});

test.each<[string, number | null, ErrorCode, AttemptFailure]>([
  ["no connection", null, "upstream_unreachable", "unreachable"],
  ["no headers in time", null, "upstream_timeout", "headers_timeout"],
  ["silence in the answer", 200, SILENT.code, "idle_timeout"],
  ["a redirect", null, "upstream_error", "redirect"],
  ["a web page", 200, "upstream_error", "malformed"],
  ["a stream that ends before anything came", 200, "upstream_truncated", "truncated"],
  ["an address of the client's that leads nowhere", null, "url_unsupported", "refused"],
  ["a fault of the gateway's own", null, "internal_error", "refused"],
])("%s is known by the gateway's error", (_, status, code, failure) => {
  expect(failureOf({ status, code })).toBe(failure);
});

/** The design's rules, spelled out for each failure. */
const RULES: Record<
  AttemptFailure,
  [movesOn: string, again: boolean, counts: boolean, cools: string, billed: boolean]
> = {
  unreachable: ["any", true, true, "never", true],
  headers_timeout: ["any", true, true, "never", true],
  first_token_timeout: ["any", true, true, "never", true],
  idle_timeout: ["any", true, true, "never", true],
  truncated: ["any", true, true, "never", true],
  malformed: ["any", true, true, "never", true],
  timeout: ["any", true, true, "never", false],
  internal: ["any", true, true, "never", false],
  overloaded: ["any", true, true, "told", false],
  rate_limit: ["any", true, false, "always", false],
  quota: ["any", false, true, "told", false],
  credential: ["any", false, true, "never", false],
  permission: ["any", false, true, "never", false],
  billing: ["any", false, true, "never", false],
  redirect: ["any", false, true, "never", false],
  context_length: ["larger_window", false, false, "never", false],
  invalid_request: ["none", false, false, "never", false],
  reasoning_state: ["none", false, false, "never", false],
  content_policy: ["none", false, false, "never", false],
  not_found: ["none", false, false, "never", false],
  conflict: ["none", false, false, "never", false],
  too_large: ["none", false, false, "never", false],
  refused: ["none", false, false, "never", false],
};
const FAILURES = Object.keys(RULES) as AttemptFailure[];

test.each(FAILURES)("what follows from %s", (failure) => {
  const { movesOn, sameTarget, countsAgainst, cools, mayBeBilled } = factsOf(failure);
  expect([movesOn, sameTarget, countsAgainst, cools, mayBeBilled]).toEqual(RULES[failure]);
});

test.each<[AttemptFailure, number | null, boolean, boolean]>([
  ["internal", null, false, true],
  ["internal", 20, false, true],
  ["internal", null, true, false],
  ["rate_limit", null, false, true],
  ["rate_limit", 20, false, false],
  ["overloaded", 20, false, false],
  ["credential", null, false, false],
])("%s, asked to wait %j ms, called useless: %j, may be tried again: %j", (failure, retryAfterMs, useless, again) => {
  expect(mayTryAgain(failure, { status: 500, code: failure, retryAfterMs, useless })).toBe(again);
});

test.each<[AttemptFailure, number | null, number | null, boolean]>([
  ["overloaded", 1_000, 10, true],
  ["invalid_request", 10, 1_000, false],
  ["context_length", 1_000, 1_001, true],
  ["context_length", 1_000, 1_000, false],
  ["context_length", 1_000, 10, false],
  ["context_length", null, 10, true],
  ["context_length", 10, null, true],
])("after %s at a window of %j a target with %j is asked: %j", (failure, failed, next, asked) => {
  expect(mayMoveTo(failure, failed, next)).toBe(asked);
});

describe("a target is left alone", () => {
  test.each<[AttemptFailure, number | null, number | null]>([
    ["rate_limit", 7_000, 7_000],
    ["rate_limit", null, 5_000],
    ["rate_limit", 0, 1_000],
    ["rate_limit", 20, 1_000],
    ["rate_limit", 3_600_000, 300_000],
    ["overloaded", 30_000, 30_000],
    ["overloaded", null, null],
    ["quota", 60_000, 60_000],
    ["internal", 30_000, null],
    ["credential", 30_000, null],
  ])("after %s with Retry-After %j ms for %j ms", (failure, retryAfterMs, milliseconds) => {
    expect(coolingUntil(failure, retryAfterMs, NOW)).toBe(milliseconds === null ? null : NOW + milliseconds);
  });

  test("for a second to five minutes, whatever it asks for", () => {
    const property = fc.property(fc.constantFrom(...FAILURES), fc.option(fc.nat()), (failure, retryAfterMs) => {
      const until = coolingUntil(failure, retryAfterMs, NOW);
      if (until === null) return;
      expect(until - NOW).toBeGreaterThanOrEqual(1_000);
      expect(until - NOW).toBeLessThanOrEqual(300_000);
    });
    fc.assert(property);
  });
});

test("no status and no word leaves a failure unknown", () => {
  const property = fc.property(fc.option(fc.integer({ min: 200, max: 599 })), fc.string(), (status, code) => {
    expect(FAILURES).toContain(failureOf({ status, code }));
  });
  fc.assert(property);
});
