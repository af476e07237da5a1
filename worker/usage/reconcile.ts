import { and, asc, desc, eq, gt, lt } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { reconciliations } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import type { LogEntry } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { newUlid } from "../lib/ulid.ts";
import { compareDays } from "./compare-days.ts";
import { compareLabels } from "./compare-labels.ts";
import { type ComparedLedger, compareLedger } from "./compare-ledger.ts";
import { type Comparison, type Difference, MOST_DIFFERENCES } from "./compare-pieces.ts";
import { compareRollups } from "./compare-rollups.ts";
import { readHorizon } from "./stats/horizon.ts";

/** What a comparison found, as it is kept. */
export type Reconciliation = typeof reconciliations.$inferSelect;

/** What a comparison needs from outside itself. */
export interface Reconciling {
  database: Database;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  random: Random;
  log(entry: LogEntry): void;
}

/** Windows of a Ledger that begin within it are held against the events themselves. */
const RECENT_MS = 48 * 3_600_000;
const ATTEMPTS = 4;
/** A drain starts 250 ms after what it brings was settled. */
const BETWEEN_ATTEMPTS_MS = 1_000;

/**
 * Compares a root's Ledger, events and hourly sums, keeps what was found, and logs `reconciliation.differs` as an error when
 * they differ. The sums are compared from `since` on, null: all of them. `skipped`: the sums agree, and the Ledger could
 * not be compared, since each time requests were open or it could not be reached. Changes nothing else.
 */
export async function reconcile(
  reconciling: Reconciling,
  { rootId, ledger, since }: { rootId: string; ledger: ComparedLedger; since: Date | null },
): Promise<Reconciliation> {
  const { database, now, random, log } = reconciling;
  const at = new Date(now());
  const horizon = await readHorizon(database, rootId);
  // Sums outlive their events: what is deleted is no difference.
  const kept = horizon.eventsFrom > (since?.getTime() ?? 0) ? new Date(horizon.eventsFrom) : since;
  const rollups = await compareRollups(database, rootId, kept);
  // Daily sums are held against the hourly ones, which must be right for that.
  const days: Comparison =
    rollups.differences.length > 0
      ? { compared: 0, differences: [] }
      : await compareDays(database, rootId, kept, horizon);
  const labels = await compareLabels(database, rootId, kept, horizon);
  // What was just held against the events is as good as they are, and they may be too many to be added up while the Ledger rests.
  const agreed = rollups.differences.length + days.differences.length === 0;
  const recent = Math.max(kept?.getTime() ?? 0, at.getTime() - RECENT_MS);
  const counters = await compareWhenAtRest(reconciling, { rootId, ledger, since: agreed ? new Date(recent) : kept });
  const found = [rollups, days, labels, ...(counters === null ? [] : [counters])];
  const differences = found.flatMap((one) => one.differences);
  const row: Reconciliation = {
    id: newUlid(at.getTime(), random),
    rootId,
    at,
    outcome: differences.length > 0 ? "differ" : counters === null ? "skipped" : "agree",
    compared: found.reduce((total, one) => total + one.compared, 0),
    differences: differences.slice(0, MOST_DIFFERENCES),
  };
  if (differences.length > 0) {
    const first = { root_id: rootId, reconciliation_id: row.id, first: JSON.stringify(differences[0]) };
    log({ level: "error", event: "reconciliation.differs", differences: differences.length, ...first });
  }
  await forRoot(database, rootId).batch([database.insert(reconciliations).values(row)]);
  return row;
}

/**
 * The Ledger's comparison; null when it never came to rest, or cannot be reached. A difference must show twice, since
 * corrections of a period that is rated anew are in Postgres a moment before the Ledger is told. One that showed once is told
 * all the same when the Ledger does not come to rest again, or is lost meanwhile: it may be real.
 */
async function compareWhenAtRest(
  { database, sleep, log }: Reconciling,
  { rootId, ledger, since }: { rootId: string; ledger: ComparedLedger; since: Date | null },
): Promise<Comparison | null> {
  let first: Comparison | null = null;
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) await sleep(BETWEEN_ATTEMPTS_MS);
      const comparison = await compareLedger(database, ledger, rootId, since);
      if (comparison === null) continue;
      if (comparison.differences.length === 0) return comparison;
      if (first !== null) return { ...comparison, differences: lasting(first.differences, comparison.differences) };
      first = comparison;
    }
  } catch (error) {
    log({ level: "error", event: "reconciliation.ledger_failed", root_id: rootId, message: String(error) });
  }
  return first;
}

/** Those of `now` by which the two sides were as far apart before; both may have gone on counting. */
function lasting(before: readonly Difference[], now: readonly Difference[]): Difference[] {
  const name = ({ node_id, window, figure, events = 0, ledger = 0 }: Difference) =>
    JSON.stringify([node_id, window, figure, String(BigInt(events) - BigInt(ledger))]);
  const known = new Set(before.map(name));
  return now.filter((difference) => known.has(name(difference)));
}

/** A root's comparisons, by itself newest first, from the one after `cursor` (an id) on. */
export async function listReconciliations(
  database: Database,
  rootId: string,
  { limit, cursor, oldestFirst = false }: { limit: number; cursor?: string | undefined; oldestFirst?: boolean },
): Promise<{ rows: Reconciliation[]; nextCursor: string | null }> {
  const [direction, beyond] = oldestFirst ? [asc, gt] : [desc, lt];
  const [rows] = await forList(database, rootId).batch([
    database
      .select()
      .from(reconciliations)
      .where(
        and(eq(reconciliations.rootId, rootId), cursor === undefined ? undefined : beyond(reconciliations.id, cursor)),
      )
      .orderBy(direction(reconciliations.id))
      .limit(limit + 1),
  ]);
  const shown = rows.slice(0, limit);
  return { rows: shown, nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
