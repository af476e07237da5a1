import { describe, expect, it } from "vitest";
import type { EventResult } from "../../../worker/canonical/usage-event.ts";
import { correctionOf, expiredResult } from "../../../worker/ledger/amounts.ts";
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
});
