import type { CatalogModel } from "../../catalog/models.ts";
import { boundCost, type PriceRow, priceAt } from "../../catalog/prices.ts";
import type { Operation, RequestFacts } from "../../dialects/dialect.ts";
import type { Bound } from "../../ledger/contract.ts";

/** What an output cap is taken to be where neither the client nor the catalogue names one. */
const DEFAULT_OUTPUT_CAP = 32_000;

export const priceFor = (model: CatalogModel | null, at: number): PriceRow | null =>
  model === null ? null : priceAt(model, at);

export interface Bounded {
  operation: Operation;
  facts: Pick<RequestFacts, "outputCap" | "candidates">;
  model: CatalogModel | null;
  price: PriceRow | null;
  /** Of the request's body. */
  bytes: number;
}

/** The most a request can use, which the Ledger holds until it is settled. A byte is never more than a token. */
export function boundOf({ operation, facts, model, price, bytes }: Bounded): Bound {
  const bound = (inputTokens: number, outputTokens: number): Bound => ({
    inputTokens,
    outputTokens,
    costNano: boundCost(price, inputTokens, outputTokens),
  });
  switch (operation) {
    case "count_tokens":
      // Counting is free, and stays so when nobody is left to settle it.
      return { inputTokens: 0, outputTokens: 0, costNano: 0 };
    case "embed":
      // Each input has a window of its own.
      return bound(bytes, 0);
    case "generate": {
      const cap = facts.outputCap ?? model?.maxOutputTokens ?? DEFAULT_OUTPUT_CAP;
      // No model reads more than its window.
      return bound(Math.min(bytes, model?.contextWindow ?? Number.POSITIVE_INFINITY), cap * facts.candidates);
    }
  }
}
