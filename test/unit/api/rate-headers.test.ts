import { describe, expect, test } from "vitest";
import { goDuration, rateHeaders } from "../../../worker/api/inference/rate-headers.ts";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import type { RateState } from "../../../worker/ledger/contract.ts";

const NOW = Date.UTC(2026, 10, 26, 12);

const rate = (metric: RateState["metric"], limit: number, remaining: number, inMs: number | null): RateState => ({
  metric,
  limit,
  remaining,
  resetsAt: inMs === null ? null : NOW + inMs,
});

test.each([
  [0, "0s"],
  [-5, "0s"],
  [120, "120ms"],
  [120.2, "121ms"],
  [1000, "1s"],
  [1500, "1.5s"],
  [59_999, "59.999s"],
  [60_000, "1m0s"],
  [360_000, "6m0s"],
  [361_250, "6m1.25s"],
  [3_600_000, "1h0m0s"],
  [90_061_000, "25h1m1s"],
])("%d ms in Go's words: %s", (milliseconds, told) => {
  expect(goDuration(milliseconds)).toBe(told);
});

const ALL = [
  rate("requests", 60, 59, 1000),
  rate("input_tokens", 1000, 400, 30_000),
  rate("output_tokens", 500, 300, 60_000),
];

const OPENAI = {
  "x-ratelimit-limit-requests": "60",
  "x-ratelimit-remaining-requests": "59",
  "x-ratelimit-reset-requests": "1s",
  "x-ratelimit-limit-tokens": "500",
  "x-ratelimit-remaining-tokens": "300",
  "x-ratelimit-reset-tokens": "1m0s",
};

test("a reset too far off for a date is not told to Anthropic's clients", () => {
  const headers = rateHeaders("anthropic-messages", [rate("requests", 1, 0, 9e15)], NOW);
  expect(headers).toEqual({ "anthropic-ratelimit-requests-limit": "1", "anthropic-ratelimit-requests-remaining": "0" });
});

describe("the headers of the limits that bind", () => {
  test.each<DialectId>(["openai-chat", "openai-responses", "openai-embeddings", "google-generate-content"])(
    "in OpenAI's names: %s",
    (dialect) => {
      expect(rateHeaders(dialect, ALL, NOW)).toEqual(OPENAI);
    },
  );

  test("in Anthropic's names", () => {
    expect(rateHeaders("anthropic-messages", ALL, NOW)).toEqual({
      "anthropic-ratelimit-requests-limit": "60",
      "anthropic-ratelimit-requests-remaining": "59",
      "anthropic-ratelimit-requests-reset": "2026-11-26T12:00:01Z",
      "anthropic-ratelimit-input-tokens-limit": "1000",
      "anthropic-ratelimit-input-tokens-remaining": "400",
      "anthropic-ratelimit-input-tokens-reset": "2026-11-26T12:00:30Z",
      "anthropic-ratelimit-output-tokens-limit": "500",
      "anthropic-ratelimit-output-tokens-remaining": "300",
      "anthropic-ratelimit-output-tokens-reset": "2026-11-26T12:01:00Z",
      "anthropic-ratelimit-tokens-limit": "500",
      "anthropic-ratelimit-tokens-remaining": "300",
      "anthropic-ratelimit-tokens-reset": "2026-11-26T12:01:00Z",
    });
  });

  test("a limit on all tokens stands for them, however much is left of it", () => {
    const rates = [...ALL, rate("total_tokens", 9000, 8000, null)];
    expect(rateHeaders("openai-chat", rates, NOW)).toMatchObject({
      "x-ratelimit-limit-tokens": "9000",
      "x-ratelimit-remaining-tokens": "8000",
    });
    expect(rateHeaders("anthropic-messages", rates, NOW)["anthropic-ratelimit-tokens-limit"]).toBe("9000");
  });

  test("one that never begins anew has no reset", () => {
    const headers = rateHeaders("openai-chat", [rate("requests", 5, 1, null)], NOW);
    expect(headers).toEqual({ "x-ratelimit-limit-requests": "5", "x-ratelimit-remaining-requests": "1" });
    const messages = rateHeaders("anthropic-messages", [rate("requests", 5, 1, null)], NOW);
    expect(Object.keys(messages)).toEqual([
      "anthropic-ratelimit-requests-limit",
      "anthropic-ratelimit-requests-remaining",
    ]);
  });

  test("without limits there are none", () => {
    expect(rateHeaders("openai-chat", [], NOW)).toEqual({});
    expect(rateHeaders("anthropic-messages", [], NOW)).toEqual({});
  });
});
