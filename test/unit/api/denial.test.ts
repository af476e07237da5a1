import { describe, expect, test } from "vitest";
import { errorResponse } from "../../../worker/api/errors.ts";
import { errorOfDenial, ratesOfDenial, substitutionRefused } from "../../../worker/api/inference/denial.ts";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import type { Denial, LimitRefusal } from "../../../worker/ledger/contract.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const TELLING = { now: NOW, capPath: "max_tokens", spread: 0.5 };
const ID = "01J00000000000000000000000";

const refusal = (more: Partial<LimitRefusal> = {}): LimitRefusal => ({
  limitId: "lim_000000000000",
  nodeId: "org_acme0000",
  nodeName: "Acme",
  metric: "cost",
  window: "month",
  amount: 10_000_000_000,
  settled: 9_200_000_000,
  held: 500_000_000,
  needed: 900_000_000,
  reason: "exhausted",
  resetsAt: Date.UTC(2026, 11, 1),
  ...more,
});

const tell = (more: Partial<LimitRefusal> = {}, dialect: DialectId = "openai-chat") => {
  const error = errorOfDenial({ ok: false, code: "limit", limit: refusal(more) }, TELLING);
  return { error, response: errorResponse(error, dialects[dialect], ID) };
};

describe("what people read", () => {
  test.each<[name: string, more: Partial<LimitRefusal>, message: string]>([
    [
      "a month's budget",
      {},
      "The limit of the organization 'Acme' (lim_000000000000) is 10 USD a month: 9.2 USD used, 0.5 USD held by requests under way, 0.3 USD left. This request needs at least 0.9 USD. It begins anew at 2026-12-01T00:00:00.000Z; until then only an administrator can raise it.",
    ],
    [
      "a budget for good",
      { window: "total", resetsAt: null, nodeName: null },
      "The limit of this key (lim_000000000000) is 10 USD in total: 9.2 USD used, 0.5 USD held by requests under way, 0.3 USD left. This request needs at least 0.9 USD. It does not begin anew by itself: ask an administrator to raise it.",
    ],
    [
      "requests a minute",
      {
        ...{ metric: "requests", window: "minute", amount: 1, settled: 1, held: 0, needed: 1 },
        ...{ reason: "rate", resetsAt: NOW + 12_345 },
      },
      "The limit of the organization 'Acme' (lim_000000000000) is 1 request a minute: 1 request used, 0 requests held by requests under way, 0 requests left. There is enough of it again at 2026-11-26T12:00:12.345Z.",
    ],
    [
      "tokens that others hold",
      { metric: "total_tokens", window: "day", amount: 100, settled: 10, held: 80, needed: 50, reason: "held" },
      "The limit of the organization 'Acme' (lim_000000000000) is 100 tokens a day: 10 tokens used, 80 tokens held by requests under way, 10 tokens left. This request needs at least 50 tokens. Try again in a moment, when requests under way have ended.",
    ],
    [
      "too many at a time",
      {
        ...{ metric: "concurrent_requests", window: "now", amount: 2, settled: 0, held: 2, needed: 1 },
        ...{ reason: "concurrency", resetsAt: null },
      },
      "The limit of the organization 'Acme' (lim_000000000000) is 2 requests at a time: 2 requests under way. Try again in a moment, when one of them has ended.",
    ],
    [
      "a limit that was lowered below what is used",
      { amount: 1, settled: 5, metric: "requests", window: "day", held: 0, needed: 1 },
      "The limit of the organization 'Acme' (lim_000000000000) is 1 request a day: 5 requests used, 0 requests held by requests under way, 0 requests left. It begins anew at 2026-12-01T00:00:00.000Z; until then only an administrator can raise it.",
    ],
  ])("%s", (_name, more, message) => {
    expect(tell(more).error.message).toBe(message);
  });
});

describe("what programs read", () => {
  test.each<[LimitRefusal["reason"], Partial<LimitRefusal>, Record<string, string | null>]>([
    ["exhausted", {}, { code: "insufficient_quota", "retry-after": null, "retry-after-ms": null, should: "false" }],
    [
      "rate",
      { resetsAt: NOW + 12_345 },
      { code: "rate_limit_exceeded", "retry-after": "13", "retry-after-ms": "12345", should: null },
    ],
    [
      "rate",
      { resetsAt: NOW - 5 },
      { code: "rate_limit_exceeded", "retry-after": "1", "retry-after-ms": "1", should: null },
    ],
    ["held", {}, { code: "rate_limit_exceeded", "retry-after": "2", "retry-after-ms": "1500", should: "true" }],
    ["concurrency", {}, { code: "rate_limit_exceeded", "retry-after": "2", "retry-after-ms": "1500", should: "true" }],
  ])("%s %o", (reason, more, { code, should, ...headers }) => {
    const { error, response } = tell({ reason, ...more });
    expect([error.code, response.status]).toEqual([code, 429]);
    for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
    expect(response.headers.get("x-should-retry")).toBe(should);
  });

  test.each<[Partial<LimitRefusal>, string]>([
    [
      {},
      "lim_000000000000; node=org_acme0000; metric=cost; window=month; reason=exhausted; remaining=0.3; resets=2026-12-01T00:00:00.000Z",
    ],
    [
      { metric: "requests", window: "total", amount: 5, settled: 5, held: 0, resetsAt: null },
      "lim_000000000000; node=org_acme0000; metric=requests; window=total; reason=exhausted; remaining=0; resets=never",
    ],
  ])("the limit in a header %o", (more, told) => {
    expect(tell(more).response.headers.get("x-gaia-limit")).toBe(told);
  });
});

describe("in each vendor's envelope", () => {
  const body = async (more: Partial<LimitRefusal>, dialect: DialectId) =>
    (await tell(more, dialect).response.json()) as never;
  const requests = { metric: "requests", reason: "rate", resetsAt: NOW + 3000 } as const;
  const tokens = { metric: "output_tokens", reason: "rate", resetsAt: NOW + 3000 } as const;

  test.each(["openai-chat", "openai-responses", "openai-embeddings"] as const)("%s", async (dialect) => {
    expect(await body({}, dialect)).toMatchObject({
      error: { type: "insufficient_quota", code: "insufficient_quota", param: null },
    });
    expect(await body(requests, dialect)).toMatchObject({ error: { type: "requests", code: "rate_limit_exceeded" } });
    expect(await body(tokens, dialect)).toMatchObject({ error: { type: "tokens", code: "rate_limit_exceeded" } });
  });

  test("anthropic-messages", async () => {
    for (const more of [{}, requests, tokens]) {
      expect(await body(more, "anthropic-messages")).toMatchObject({ error: { type: "rate_limit_error" } });
    }
  });

  test("google-generate-content", async () => {
    expect(await body(requests, "google-generate-content")).toMatchObject({
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        details: [
          { reason: "RATE_LIMIT_EXCEEDED" },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" },
        ],
      },
    });
    const exhausted = (await body({}, "google-generate-content")) as { error: { details: unknown[] } };
    expect(exhausted.error.details).toHaveLength(1);
  });
});

describe("other denials", () => {
  test.each<[Denial, string, number, string | null]>([
    [{ ok: false, code: "organization_archived" }, "organization_archived", 403, null],
    [{ ok: false, code: "model_not_priced" }, "model_not_priced", 403, "model"],
    [{ ok: false, code: "unbounded_request", param: "tools[0]" }, "unbounded_request", 400, "tools[0]"],
    [{ ok: false, code: "max_tokens_too_large", most: 500 }, "max_tokens_too_large", 400, "max_tokens"],
    [{ ok: false, code: "key_expired" }, "key_expired", 401, null],
  ])("%o", (denial, code, status, param) => {
    const error = errorOfDenial(denial, TELLING);
    expect([error.code, error.status, error.param]).toEqual([code, status, param]);
    expect(error.retry).toBe(false);
    expect(ratesOfDenial(denial)).toEqual([]);
  });

  test("a substitution that a strict client would not have", () => {
    const error = substitutionRefused("openai/gpt-4.1-mini", "lim_000000000000");
    expect([error.code, error.status, error.retry]).toEqual(["insufficient_quota", 429, false]);
    expect(error.message).toContain("'openai/gpt-4.1-mini'");
    expect(error.headers["x-gaia-limit"]).toBe("lim_000000000000; reason=fallback");
  });
});

test("the limit that stands in the way is also a rate limit header, unless it is money", () => {
  const rates = (more: Partial<LimitRefusal>) => ratesOfDenial({ ok: false, code: "limit", limit: refusal(more) });
  expect(rates({})).toEqual([]);
  expect(rates({ metric: "concurrent_requests" })).toEqual([]);
  expect(rates({ metric: "requests", amount: 9, settled: 3, held: 2, resetsAt: null })).toEqual([
    { metric: "requests", limit: 9, remaining: 4, resetsAt: null },
  ]);
});
