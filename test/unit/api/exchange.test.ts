import { beforeEach, describe, expect, test } from "vitest";
import { priceFor } from "../../../worker/api/inference/bound.ts";
import { type Before, Exchange, NOTHING_BEFORE } from "../../../worker/api/inference/exchange.ts";
import type { AttemptRecord } from "../../../worker/canonical/usage-event.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { noAnswer } from "../../../worker/dialects/dialect.ts";
import type { Settlement } from "../../../worker/ledger/contract.ts";
import type { Holder } from "../../../worker/ledger/holder.ts";
import type { Services } from "../../../worker/services.ts";
import type { AttemptSpan, RequestSpan } from "../../../worker/telemetry/request-span.ts";

/** An attempt and the hold it is made under: it settles once, or hands over to the next. */

const BEGUN = Date.UTC(2026, 10, 26);
const HOLDER = { name: "ledger" } as Holder;
const PRICE = priceFor(findModel("openai", "gpt-4.1"), BEGUN);

let now: number;
let settled: Settlement[];
/** What became of the hold and of the spans, in order. */
let story: string[];
beforeEach(() => {
  now = BEGUN;
  settled = [];
  story = [];
});

const span = (name: string): AttemptSpan => ({
  traceparent: null,
  responded: () => {},
  failed: (reason, status) => void story.push(`${name} failed: ${reason} ${status}`),
});

function begin(before: Before = NOTHING_BEFORE, model = "first"): Exchange {
  const services = {
    now: () => now,
    toucher: {
      hold: (_: Holder, handle: number) => story.push(`held ${handle}`),
      release: (_: Holder, handle: number) => story.push(`released ${handle}`),
    },
    settlements: {
      add: async (_: Holder, settlement: Settlement) => void settled.push(settlement),
    },
    telemetry: { flush: async () => {} },
  } as unknown as Services;
  const request = { settled: () => story.push("request settled") } as unknown as RequestSpan;
  const exchange = new Exchange(
    services,
    {
      ...{ eventId: "e", dialect: "openai-chat", startedAt: BEGUN, inputTokens: 100, service: null, before },
      ...{ mostOutputTokens: () => 10, price: PRICE, priceOf: () => null },
      target: { provider: "openai", model, credential: null },
    },
    request,
    () => {},
  );
  exchange.attemptSpan = span(model);
  return exchange;
}

const FAILED = { outcome: "timeout", status: 504, errorCode: "upstream_timeout", upstreamStatus: null } as const;
const skipped: AttemptRecord = {
  ...{ provider: "openai", model: "other", credential: null, outcome: "skipped", reason: "tools" },
  ...{ status: null, startMs: 0, durationMs: 0, costNano: 0 },
};

describe("an exchange", () => {
  test("settles once, in the first ending there is", async () => {
    const exchange = begin();
    expect([exchange.held, exchange.settle("ok", 200)]).toEqual([null, null]);
    exchange.admitted(HOLDER, 7);
    expect(exchange.held).toEqual({ holder: HOLDER, handle: 7 });
    expect(exchange.settle("client_gone", 499)).toBe(0);
    expect([exchange.settle("ok", 200), exchange.held, exchange.isSettled]).toEqual([null, null, true]);
    await exchange.ended;
    expect(settled).toMatchObject([{ handle: 7, eventId: "e", result: { outcome: "client_gone", tries: null } }]);
    expect(story).toEqual(["held 7", "released 7", "request settled"]);
  });

  test("whose client has left ends so, whatever its answer comes to", () => {
    const exchange = begin();
    exchange.admitted(HOLDER, 7);
    exchange.clientGone = true;
    exchange.settle("ok", 200);
    expect(settled[0]?.result).toMatchObject({ outcome: "client_gone", status: 499 });
  });

  test("that was handed over settles nothing, and keeps no hold alive", async () => {
    const exchange = begin();
    exchange.admitted(HOLDER, 7);
    exchange.handOver();
    exchange.handOver();
    await exchange.ended;
    expect([exchange.settle("ok", 200), exchange.held]).toEqual([null, null]);
    expect([settled, story]).toEqual([[], ["held 7", "released 7"]]);
  });

  test("that is settled is not handed over", () => {
    const exchange = begin();
    exchange.admitted(HOLDER, 7);
    exchange.settle("client_gone", 499);
    exchange.handOver();
    expect(story.filter((one) => one === "released 7")).toHaveLength(1);
  });
});

describe("what a request has behind it", () => {
  test("is each attempt that failed, with when, how long, and what it may have cost", () => {
    now = BEGUN + 5;
    const first = begin({ tries: [skipped], attempts: 0, costNano: 0 });
    first.admitted(HOLDER, 7);
    first.sent = true;
    now += 20;
    const before = first.after({ ...FAILED, billed: true });
    const [, record] = before.tries;
    expect(before).toMatchObject({ attempts: 1, tries: [skipped, { model: "first", outcome: "failed" }] });
    expect(record).toMatchObject({ reason: "upstream_timeout", status: null, startMs: 5, durationMs: 20 });
    expect(before.costNano).toBeGreaterThan(0);
    expect(record?.costNano).toBe(before.costNano);
    expect(story).toContain("first failed: upstream_timeout null");

    const second = begin(before, "second");
    second.admitted(HOLDER, 7);
    expect(second.attempts).toBe(2);
    now += 3;
    second.upstreamStatus = 503;
    const then = second.after({ ...FAILED, errorCode: null, upstreamStatus: 503, billed: false });
    expect(then).toMatchObject({ attempts: 2, costNano: before.costNano });
    expect(then.tries.at(-1)).toMatchObject({ model: "second", status: 503, durationMs: 3, costNano: 0 });
  });

  test("costs nothing where it is not billed, and all of it where nothing follows after all", () => {
    const exchange = begin();
    exchange.admitted(HOLDER, 7);
    exchange.sent = true;
    expect(exchange.after({ ...FAILED, billed: false }).costNano).toBe(0);
    expect(exchange.settle("timeout", 504)).toBeGreaterThan(0);
  });

  test("is part of the cost, and stands before the attempt that ends it; what was passed over last stands after it", () => {
    const failed: AttemptRecord = { ...skipped, outcome: "failed", model: "earlier", costNano: 11 };
    const exchange = begin({ tries: [failed], attempts: 1, costNano: 11 });
    exchange.admitted(HOLDER, 7);
    exchange.sent = true;
    exchange.passedOver = [skipped];
    exchange.answer = () => ({ ...noAnswer(), terminal: true });
    const cost = exchange.settle("ok", 200) ?? 0;
    const result = settled[0]?.result;
    expect(result?.tries?.map(({ model, outcome }) => [model, outcome])).toEqual([
      ["earlier", "failed"],
      ["first", "answered"],
      ["other", "skipped"],
    ]);
    expect(result).toMatchObject({ attempts: 2, failedCostNano: 11, costNano: cost });
    expect(cost).toBe(11 + (result?.tries?.[1]?.costNano ?? 0));
  });

  test.each([
    ["ok", "answered", null],
    ["stream_error", "answered", null],
    ["client_gone", "answered", null],
    ["provider_error", "failed", "code"],
    ["timeout", "failed", "code"],
  ] as const)("ends with %s: the last attempt has %s", (outcome, told, reason) => {
    const exchange = begin({ tries: [skipped], attempts: 0, costNano: 0 });
    exchange.admitted(HOLDER, 7);
    exchange.upstreamStatus = 529;
    exchange.settle(outcome, 500, "code");
    expect(settled[0]?.result.tries?.at(-1)).toMatchObject({ outcome: told, reason, status: 529 });
  });
});
