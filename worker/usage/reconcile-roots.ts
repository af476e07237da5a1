import { eq, sql } from "drizzle-orm";
import { apiKeys } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ComparedLedger } from "./compare-ledger.ts";
import { type Reconciling, reconcile } from "./reconcile.ts";

export interface ReconcilingRoots extends Reconciling {
  /** The Ledger of a root, whose keys' hints say in which jurisdiction it is; null: it has no key. */
  ledger(rootId: string, hint: string | null): ComparedLedger;
}

const HOUR_MS = 3_600_000;
/** So many hours are compared again and again: rows come late while a database is away. */
const RECENT_HOURS = 48;
const LONGEST_MONTH_HOURS = 31 * 24;
/** Most of a comparison is waiting for a Ledger to come to rest. */
const AT_A_TIME = 4;

/**
 * Compares every root that was used lately, each for itself: what fails is logged as `reconciliation.failed`, and the next
 * is compared. By default the last two days' sums; `whole` compares all of them, for the roots of a month. For the
 * Worker's cron.
 */
export async function reconcileRoots(roots: ReconcilingRoots, { whole }: { whole: boolean }): Promise<void> {
  const { database, now } = roots;
  const recent = new Date(now() - RECENT_HOURS * HOUR_MS);
  const active = whole ? new Date(now() - LONGEST_MONTH_HOURS * HOUR_MS) : recent;
  const { rows } = await database.execute<{ root_id: string }>(
    sql`select root_id from gaia_active_roots(${active.toISOString()}::timestamptz)`,
  );
  const waiting = rows.values();
  const compareNext = async () => {
    for (const { root_id: rootId } of waiting) await reconcileRoot(roots, rootId, whole ? null : recent);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, compareNext));
}

async function reconcileRoot(roots: ReconcilingRoots, rootId: string, since: Date | null): Promise<void> {
  const { database, log } = roots;
  try {
    const [[key]] = await forRoot(database, rootId).batch([
      database.select({ hint: apiKeys.hint }).from(apiKeys).where(eq(apiKeys.rootId, rootId)).limit(1),
    ]);
    await reconcile(roots, { rootId, ledger: roots.ledger(rootId, key?.hint ?? null), since });
  } catch (error) {
    log({ level: "error", event: "reconciliation.failed", root_id: rootId, message: String(error) });
  }
}
