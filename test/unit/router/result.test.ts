import { describe, expect, test } from "vitest";
import { noUsage, type Usage } from "../../../worker/canonical/usage.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { type PriceRow, priceAt } from "../../../worker/catalog/prices.ts";
import { noAnswer } from "../../../worker/dialects/dialect.ts";
import { type Ending, resultOf } from "../../../worker/router/result.ts";

const NOW = Date.UTC(2026, 10, 26);

/** In 2, out 10, priority twice as much; micro-USD a token. */
const PRICE = priceAt(findModel("openai", "gpt-6-sol") as NonNullable<ReturnType<typeof findModel>>, NOW) as PriceRow;

const ending = (more: Partial<Ending>): Ending => ({
  outcome: "ok",
  status: 200,
  errorCode: null,
  attempts: 1,
  facts: noAnswer(),
  observed: { inputTokens: 1_000, outputCharacters: 400 },
  mostOutputTokens: 10_000,
  sent: true,
  service: null,
  outputCap: null,
  price: PRICE,
  priceOf: () => null,
  startedAt: NOW,
  firstByteAt: null,
  endedAt: NOW,
  upstreamRequestId: null,
  upstreamDialect: "openai-chat",
  warnings: [],
  ...more,
});

const told = (more: Partial<Usage> = {}): Usage => ({
  input: { total: 500, uncached: 500, cacheRead: 0, cacheWrite: 0 },
  output: { total: 20 },
  ...more,
});

const answered = (usage: Usage, terminal = true) => ({ ...noAnswer(), usage, terminal });

describe("what is charged", () => {
  test.each([
    ["by the price book", told(), PRICE, [1_200_000, 1_200_000, null]],
    [
      "as the provider says, with the book's figure beside",
      told({ providerCostNano: 777 }),
      PRICE,
      [777, 1_200_000, 777],
    ],
    ["as the provider says, though nothing was charged", told({ providerCostNano: 0 }), PRICE, [0, 1_200_000, 0]],
    ["as the provider says, without a price", told({ providerCostNano: 777 }), null, [777, null, 777]],
    ["nothing without a price", told(), null, [0, null, null]],
    ["with its fees", told({ serverTools: { webSearch: 2 } }), PRICE, [21_200_000, 21_200_000, null]],
    ["by the tier that was billed", told({ serviceTier: "priority" }), PRICE, [2_400_000, 2_400_000, null]],
  ])("%s", (_what, usage, price, [costNano, listCostNano, providerCostNano]) => {
    const result = resultOf(ending({ facts: answered(usage), price }));
    expect(result).toMatchObject({ costNano, listCostNano, providerCostNano, exact: true });
  });

  test("the tier that was billed counts, not the one asked for", () => {
    const result = resultOf(ending({ facts: answered(told({ serviceTier: "default" })), service: "priority" }));
    expect(result.costNano).toBe(1_200_000);
  });

  test("an alias is rated by the model that has served", () => {
    const facts = { ...answered(told()), servedModel: "gpt-6-sol" };
    const result = resultOf(ending({ facts, price: null, priceOf: (name) => (name === "gpt-6-sol" ? PRICE : null) }));
    expect(result).toMatchObject({ costNano: 1_200_000, listCostNano: 1_200_000, priceVersion: PRICE.version });
  });
});

describe("what was cut short, and may be billed", () => {
  test.each([
    ["told nothing", noAnswer()],
    ["told what nobody can have written", answered(told({ output: { total: 10 ** 18 } }))],
  ])("a whole answer that %s is never charged beyond what is held, JSON and all", (_what, facts) => {
    const observed = { inputTokens: 1_000, outputCharacters: 400 };
    expect(resultOf(ending({ facts, observed, mostOutputTokens: 60 }))).toMatchObject({
      ...{ inputUncached: 1_000, output: 60, costNano: 2_600_000, exact: false },
    });
  });

  test.each(["timeout", "client_gone", "stream_error", "provider_error"] as const)(
    "%s: the prompt by our count, and what was seen of the answer",
    (outcome) => {
      // 1,000 × 2 + 100 × 10
      expect(resultOf(ending({ outcome }))).toMatchObject({
        ...{ inputUncached: 1_000, output: 100, costNano: 3_000_000, exact: false, providerCostNano: null },
      });
    },
  );

  test("nothing was seen: the prompt is charged all the same", () => {
    const observed = { inputTokens: 1_000, outputCharacters: 0 };
    expect(resultOf(ending({ outcome: "timeout", observed })).costNano).toBe(2_000_000);
  });

  test("nothing was sent: nothing is charged", () => {
    expect(resultOf(ending({ outcome: "client_gone", sent: false }))).toMatchObject({ costNano: 0, exact: false });
  });

  test("a faster service that was asked for is charged as one", () => {
    expect(resultOf(ending({ outcome: "timeout", service: "priority" })).costNano).toBe(6_000_000);
    const begun = answered(told(), false);
    // 500 × 4 + 100 × 20
    expect(resultOf(ending({ outcome: "timeout", service: "priority", facts: begun })).costNano).toBe(4_000_000);
  });

  test("figures from before the end: never less than was seen, nor than was told", () => {
    const result = resultOf(ending({ outcome: "stream_error", facts: answered(told(), false) }));
    expect(result).toMatchObject({ inputUncached: 500, output: 100, exact: false });
    const more = resultOf(
      ending({ outcome: "stream_error", facts: answered(told({ output: { total: 900 } }), false) }),
    );
    expect(more).toMatchObject({ output: 900, exact: false });
  });

  test("a provider's figures that cannot be are not believed", () => {
    const usage = told({ output: { total: 1e18 } });
    expect(resultOf(ending({ facts: answered(usage) }))).toMatchObject({
      inputUncached: 1_000,
      output: 100,
      exact: false,
    });
  });

  test("an answer without figures is estimated", () => {
    expect(resultOf(ending({ facts: answered(noUsage()) })).exact).toBe(false);
    expect(resultOf(ending({}))).toMatchObject({ inputUncached: 1_000, exact: false });
  });
});
