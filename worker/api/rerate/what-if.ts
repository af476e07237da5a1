import type { Database } from "../../../drizzle/client.ts";
import { rate } from "../../catalog/cost.ts";
import { endOfPortion, type RatedPeriod, readEventsToRate } from "../../usage/events-to-rate.ts";
import { type EventRow, mergeRevisions } from "../../usage/requests.ts";
import type { ModelName } from "../../usage/stats/filter.ts";
import type { PriceBook } from "./price-book.ts";
import type { Rated, Unrated } from "./rate-anew.ts";
import { RerateReport } from "./report.ts";
import { usageOfEvent } from "./usage-of-event.ts";

/** Requests a query reads, and those one call looks at. */
const LIMITS = { page: 1_000, events: 200_000 };

export interface WhatIf {
  database: Database;
  rootId: string;
  book: PriceBook;
  period: RatedPeriod;
  /** Which model would have served the requests. */
  model: ModelName;
  /** What requests it could have served: `generate` or `embed`. */
  operation: string;
  /** Lowered by tests. */
  limits?: { page: number; events: number };
}

export interface Supposed {
  report: RerateReport;
  /** Requests of another operation, which keep their cost. */
  otherOperation: number;
  /** Where the next call goes on, milliseconds since the epoch; null when the period is done. */
  nextFrom: number | null;
}

/**
 * What the requests of a period would have cost at another model's prices, by today's book for the moments they started and
 * the standard service: the same tokens, though another model might have counted and written others. Writes nothing. Throws
 * StorageError.
 */
export async function supposeModel(whatIf: WhatIf): Promise<Supposed> {
  const { database, rootId, book, period, model, operation, limits = LIMITS } = whatIf;
  const to = await endOfPortion(database, rootId, period, limits.events);
  const report = new RerateReport();
  let otherOperation = 0;
  for (let after = ""; ; ) {
    const page = await readEventsToRate(database, rootId, { ...period, to }, { after, limit: limits.page });
    for (const revisions of page) {
      const rated = rateAs(book, model, operation, revisions);
      if (rated === "other_operation") otherOperation++;
      else if (typeof rated === "string") report.keep(rated);
      else report.add(rated, rated.costNano !== rated.event.costNano);
    }
    const last = page.at(-1)?.[0];
    if (last === undefined || page.length < limits.page) {
      return { report, otherOperation, nextFrom: to < period.to ? to : null };
    }
    after = last.eventId;
  }
}

/** A request as if another model had answered it; what failed attempts cost stays. */
function rateAs(
  book: PriceBook,
  model: ModelName,
  operation: string,
  revisions: readonly EventRow[],
): Rated | Unrated | "other_operation" {
  const event = mergeRevisions(revisions);
  if (event.operation !== operation) return "other_operation";
  if (event.outcome === "expired") return "expired";
  const price = book.priceFor({ ...event, ...model, servedModel: null });
  if (price === null) return "unpriced";
  const list = rate(price, usageOfEvent(event), "");
  return { event, price, list, costNano: list.costNano + event.failedCostNano, correction: null };
}
