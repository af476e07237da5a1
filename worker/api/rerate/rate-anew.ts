import type { Usage } from "../../canonical/usage.ts";
import type { UsageEvent } from "../../canonical/usage-event.ts";
import { type Cost, rate } from "../../catalog/cost.ts";
import type { PriceRow } from "../../catalog/prices.ts";
import { type EventRow, mergeRevisions, type RequestRecord } from "../../usage/requests.ts";
import type { PriceBook } from "./price-book.ts";
import { providerCostOf, usageOfEvent } from "./usage-of-event.ts";

/** A request with its cost by today's price book. */
export interface Rated {
  event: RequestRecord;
  price: PriceRow;
  /** By the price book, in nano-USD and in its exact parts. */
  list: Cost;
  /**
   * What it costs now, in nano-USD: the provider's own charge, where it has told one, else by the price book; and what
   * attempts cost that failed, as it was rated then: nothing that is kept says what they used.
   */
  costNano: number;
  /** The correction that is to be written; null when today's book says what is in the books. */
  correction: UsageEvent | null;
}

/**
 * Why a request keeps its cost: `expired`: nobody told what it used, its hold is charged, and a late settlement may still
 * correct that; `unpriced`: the book has no price for it.
 */
export type Unrated = "expired" | "unpriced";

/** Rates a request, given as its revisions in order, by today's book. */
export function rateAnew(book: PriceBook, revisions: readonly EventRow[]): Rated | Unrated {
  const event = mergeRevisions(revisions);
  if (event.outcome === "expired") return "expired";
  const price = book.priceFor(event);
  if (price === null) return "unpriced";
  const usage = usageOfEvent(event);
  const list = rate(price, usage, serviceOf(book, revisions, usage));
  const told = providerCostOf(event);
  const costNano = (told ?? list.costNano) + event.failedCostNano;
  const listed = event.listCostNano ?? (told === null ? event.costNano - event.failedCostNano : 0);
  const changed = costNano !== event.costNano || list.costNano !== listed;
  const correction = changed ? correctionOf(revisions, event, { price, list, costNano, told }) : null;
  return { event, price, list, costNano, correction };
}

/** The standard service: no provider's word for another. */
const STANDARD = "";

/**
 * The service tier a request was billed at. OpenAI tells it beside its usage, where it is not kept: then it is the one by
 * which the first rating comes out as it did, if the book still has that price.
 */
export function serviceOf(book: PriceBook, revisions: readonly EventRow[], usage: Usage): string {
  const said = usage.serviceTier ?? STANDARD;
  const [first, second] = revisions;
  const settled = first?.outcome === "expired" ? second : first;
  if (first === undefined || settled === undefined || settled.priceVersion === null) return said;
  const price = book.ofVersion(settled.priceVersion, settled);
  if (price === null) return said;
  const { listCostNano } = mergeRevisions(settled === first ? [first] : [first, settled]);
  const services = [said, STANDARD, ...price.services.keys()];
  return services.find((service) => rate(price, usage, service).costNano === listCostNano) ?? said;
}

/** A signed row that brings the sum of its revisions to what is rated now, and changes nothing else. */
function correctionOf(
  revisions: readonly EventRow[],
  event: RequestRecord,
  { price, list, costNano, told }: Pick<Rated, "price" | "list" | "costNano"> & { told: number | null },
): UsageEvent {
  const { day: _day, ...latest } = revisions[revisions.length - 1] as EventRow;
  return {
    ...latest,
    rev: latest.rev + 1,
    startedAt: latest.startedAt.getTime(),
    settledAt: latest.settledAt.getTime(),
    ...{ attempts: 0, tries: null, failedCostNano: 0, durationMs: 0, heldNano: 0 },
    ...{ inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
    costNano: costNano - event.costNano,
    listCostNano: list.costNano - (event.listCostNano ?? 0),
    // A row of before both costs were recorded tells its charge by its figures, as long as it has no list cost: from here on
    // it has one, and the charge must stand beside it.
    providerCostNano: event.providerCostNano === null ? told : null,
    priceVersion: price.version,
  };
}
