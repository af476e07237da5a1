import type { CatalogModel } from "../../catalog/models.ts";
import { maxRate, type PriceRow } from "../../catalog/prices.ts";
import type { Operation, RequestFacts } from "../../dialects/dialect.ts";
import type { AdmitRequest } from "../../ledger/contract.ts";
import { boundOf } from "./bound.ts";

export interface Termed {
  operation: Operation;
  facts: RequestFacts;
  model: CatalogModel | null;
  price: PriceRow | null;
  /** Of the request's body. */
  bytes: number;
  /** Nothing the client asked for may be changed. */
  strict: boolean;
}

export type Terms = Pick<AdmitRequest, "bound" | "output" | "unboundedBy" | "priced">;

/** What a request can use at most, and how far its output cap may be lowered. */
export function termsOf(termed: Termed): Terms {
  const { operation, facts, price, strict } = termed;
  const bound = boundOf(termed);
  const priced = price !== null;
  if (operation !== "generate") return { bound, output: null, unboundedBy: null, priced };
  const candidates = Math.max(1, facts.candidates);
  const output = {
    requested: facts.outputCap,
    assumed: bound.outputTokens / candidates,
    candidates,
    picoEach: price === null ? 0 : Number(maxRate(price, bound.inputTokens).output),
    least: 1,
  };
  return { bound, output: strict ? unchanged(output) : output, unboundedBy: null, priced };
}

/** A strict client is refused rather than given less than it asked for. */
const unchanged = (output: NonNullable<Terms["output"]>): Terms["output"] => ({
  ...output,
  least: output.requested ?? output.assumed,
});
