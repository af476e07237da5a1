import type { Database } from "../../../drizzle/client.ts";
import type { UsageEvent } from "../../canonical/usage-event.ts";
import type { Adjustment, LedgerApi } from "../../ledger/contract.ts";
import { endOfPortion, type RatedPeriod, readEventsToRate } from "../../usage/events-to-rate.ts";
import { recordCorrections } from "../../usage/record.ts";
import type { EventRow } from "../../usage/requests.ts";
import type { PriceBook } from "./price-book.ts";
import { rateAnew } from "./rate-anew.ts";
import { RerateReport } from "./report.ts";

/** Requests a query reads and a statement writes. */
const PAGE = 1_000;
/** Requests one call looks at: two queries a page stay far below what an invocation may send. */
const MOST_EVENTS = 200_000;
const TELLING_ATTEMPTS = 3;

export interface Rerating {
  database: Database;
  rootId: string;
  ledger: Pick<LedgerApi, "adjust">;
  book: PriceBook;
  period: RatedPeriod;
  /** Writes nothing. */
  dryRun: boolean;
  /** Told of each failure to reach the Ledger. */
  report(what: string, cause: unknown): void;
  /** Lowered by tests. */
  limits?: { page: number; events: number };
}

export interface Rerated {
  report: RerateReport;
  /** Where the next call goes on, milliseconds since the epoch; null when the period is done. */
  nextFrom: number | null;
  /** False: the Ledger's counters lack corrections that are in Postgres. Null: there was nothing to tell. */
  ledgerTold: boolean | null;
}

/**
 * Rates the requests of a period by today's price book and writes each difference as a signed correction, in the order of
 * their ids. It may be broken off and repeated: what is written already differs no more. Two at a time write each
 * correction once, and only who wrote it counts it. Throws StorageError.
 */
export async function rerate(rerating: Rerating): Promise<Rerated> {
  const { database, rootId, period, limits = { page: PAGE, events: MOST_EVENTS } } = rerating;
  const to = await endOfPortion(database, rootId, period, limits.events);
  const report = new RerateReport();
  let ledgerTold: boolean | null = null;
  for (let after = ""; ; ) {
    const page = await readEventsToRate(database, rootId, { ...period, to }, { after, limit: limits.page });
    const adjustments = await ratePage(rerating, report, page);
    if (adjustments.length > 0) ledgerTold = (await tell(rerating, adjustments, ledgerTold)) && ledgerTold !== false;
    const last = page.at(-1)?.[0];
    if (last === undefined || page.length < limits.page) {
      return { report, nextFrom: to < period.to ? to : null, ledgerTold };
    }
    after = last.eventId;
  }
}

/** Rates some requests, writes their corrections, and answers what the Ledger is to be told of those that are new. */
async function ratePage(
  { database, rootId, book, dryRun }: Rerating,
  report: RerateReport,
  page: readonly EventRow[][],
): Promise<Adjustment[]> {
  const rated = page.flatMap((revisions) => {
    const found = rateAnew(book, revisions);
    if (typeof found === "object") return found;
    report.keep(found);
    return [];
  });
  const corrections = rated.flatMap(({ correction }) => correction ?? []);
  const written = dryRun || corrections.length === 0 ? [] : await recordCorrections(database, rootId, corrections);
  const counted: ReadonlySet<UsageEvent | null> = new Set(dryRun ? corrections : written);
  for (const one of rated) report.add(one, counted.has(one.correction));
  return written
    .filter(({ costNano }) => costNano !== 0)
    .map(({ eventId, rev, keyId, organizationId, startedAt, costNano }) => ({
      ...{ id: `${eventId}/${rev}`, keyId, organizationId, startedAt, costNano },
    }));
}

/** Tells the Ledger; once it could not be told, each further page tries once only. */
async function tell(
  { ledger, report }: Rerating,
  adjustments: Adjustment[],
  toldSoFar: boolean | null,
): Promise<boolean> {
  for (let attempt = 1; attempt <= (toldSoFar === false ? 1 : TELLING_ATTEMPTS); attempt++) {
    try {
      await ledger.adjust(adjustments);
      return true;
    } catch (cause) {
      report(`corrections for the Ledger, attempt ${attempt}`, cause);
    }
  }
  return false;
}
