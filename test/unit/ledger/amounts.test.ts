import { describe, expect, it } from "vitest";
import type { EventResult } from "../../../worker/canonical/usage-event.ts";
import { correctionOf, expiredResult, isResult } from "../../../worker/ledger/amounts.ts";
import { usageEvent } from "../../support/usage-event.ts";

const expired = (costNano: number) =>
  expiredResult({ startedAt: 1_000 }, { inputTokens: 1_000, outputTokens: 500, costNano }, 91_000);
const late = (changes: Partial<EventResult>): EventResult => usageEvent(changes);

describe("an expired request", () => {
  it.each([
    [90_000, 90_000],
    [0, null],
  ])("of a bound of %s costs %s by the price book", (costNano, listCostNano) => {
    expect(expired(costNano)).toMatchObject({ costNano, listCostNano, providerCostNano: null });
  });

  it.each<[string, number, Partial<EventResult>, Partial<EventResult>]>([
    [
      "holds the difference of both costs",
      90_000,
      { costNano: 30_000, listCostNano: 30_000 },
      { costNano: -60_000, listCostNano: -60_000, providerCostNano: null },
    ],
    [
      "takes the provider's own charge as it is",
      90_000,
      { costNano: 20_000, listCostNano: 30_000, providerCostNano: 20_000 },
      { costNano: -70_000, listCostNano: -60_000, providerCostNano: 20_000 },
    ],
    [
      "counts what failed attempts cost",
      90_000,
      { costNano: 30_000, failedCostNano: 4_000 },
      { costNano: -60_000, failedCostNano: 4_000 },
    ],
    ["takes all of the list cost back", 90_000, { costNano: 0, listCostNano: null }, { listCostNano: -90_000 }],
    [
      "has a list cost where only the served model has a price",
      0,
      { costNano: 30_000, listCostNano: 30_000 },
      { listCostNano: 30_000 },
    ],
    ["knows no list cost where none is known", 0, { costNano: 0, listCostNano: null }, { listCostNano: null }],
  ])("a late correction %s", (_name, costNano, actual, expected) => {
    expect(correctionOf(expired(costNano), late(actual))).toMatchObject(expected);
  });

  it("is corrected to the same where the hold's row is of before failed attempts were counted", () => {
    const { failedCostNano: _, ...before } = expired(90_000);
    expect(correctionOf(before as EventResult, late({ failedCostNano: 4_000 }))).toMatchObject({
      failedCostNano: 4_000,
    });
  });
});

describe("a result", () => {
  const { failedCostNano: _, ...before } = late({});
  it.each<[string, EventResult, boolean]>([
    ["with what failed attempts cost", late({ failedCostNano: 5 }), true],
    ["of before failed attempts were counted", before as EventResult, true],
    ["with less than nothing for failed attempts", late({ failedCostNano: -1 }), false],
    ["with a part of a nano-USD for failed attempts", late({ failedCostNano: 0.5 }), false],
  ])("%s", (_name, result, possible) => {
    expect(isResult(result)).toBe(possible);
  });
});
