import { rate } from "../../catalog/cost.ts";
import { type EventRow, mergeRevisions } from "../../usage/requests.ts";
import type { PriceBook } from "./price-book.ts";
import { serviceOf } from "./rate-anew.ts";
import { usageOfEvent } from "./usage-of-event.ts";

/** A term of what a request costs, in exact pico-USD (10⁻¹² dollar). */
export interface CostTerm {
  /**
   * A rate's or fee's name; `rounding`: up to whole nano-USD; `provider_charge`: what the provider says it charged, in place
   * of the price book's rates; `failed_attempts`: what attempts cost whose answers nobody got; `charged`: what no figures
   * explain: a hold that ran out, or a price the book no longer has.
   */
  name: string;
  /** So many tokens or calls at so much each; null where it is an amount. */
  count: bigint | null;
  each: bigint | null;
  pico: bigint;
}

const PICO = 1000n;
const amount = (name: string, pico: bigint): CostTerm => ({ name, count: null, each: null, pico });

/**
 * How a request's cost comes about, given its revisions in order, by the price of the version that rated it. The terms add
 * up to its cost; those of nothing are left out.
 */
export function costTerms(book: PriceBook, revisions: readonly EventRow[]): CostTerm[] {
  const event = mergeRevisions(revisions);
  const cost = BigInt(event.costNano) * PICO;
  const failed = BigInt(event.failedCostNano) * PICO;
  const answer = cost - failed;
  return [...answerTerms(book, revisions, answer), amount("failed_attempts", failed)].filter(({ pico }) => pico !== 0n);
}

/** The terms of what the answer costs. */
function answerTerms(book: PriceBook, revisions: readonly EventRow[], answer: bigint): CostTerm[] {
  const event = mergeRevisions(revisions);
  if (event.providerCostNano !== null) {
    const told = BigInt(event.providerCostNano) * PICO;
    return [amount("provider_charge", told), amount("charged", answer - told)];
  }
  const price = event.priceVersion === null ? null : book.ofVersion(event.priceVersion, event);
  if (price === null || event.outcome === "expired") return [amount("charged", answer)];
  const usage = usageOfEvent(event);
  const rated = rate(price, usage, serviceOf(book, revisions, usage));
  // What these rates do not come to was rated otherwise: they explain nothing.
  if (rated.costNano !== event.listCostNano) return [amount("charged", answer)];
  const lines = rated.lines.map(({ name, count, each }) => ({ name, count, each, pico: count * each }));
  const list = BigInt(rated.costNano) * PICO;
  const exact = lines.reduce((sum, { pico }) => sum + pico, 0n);
  return [...lines, amount("rounding", list - exact), amount("charged", answer - list)];
}
