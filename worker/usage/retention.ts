import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import type { LogEntry } from "../lib/log.ts";

/** So many events a call: it ends before the database's time limit. */
const MOST_DELETED = 10_000;
/** The next run of the cron goes on. */
const MOST_CALLS = 20;
/** Days of before daily sums there were, that one run sums up. */
const MOST_DAYS = 20;

interface Expired extends Record<string, unknown> {
  partitions: number;
  /** Events and sums by label. */
  removed: string;
}

/**
 * Deletes events that were kept long enough, of everybody after `months` months (0: never) and of roots that want it earlier, in
 * portions. Their sums stay. For the Worker's cron; throws what the database throws, and the next run goes on.
 */
export async function expireUsage(database: Database, months: number, log: (entry: LogEntry) => void): Promise<void> {
  if (months === 0) return;
  let [partitions, rows] = [0, 0];
  for (let call = 0; call < MOST_CALLS; call++) {
    const { rows: found } = await database.execute<Expired>(
      sql`select * from gaia_expire_usage(${months}, ${MOST_DELETED})`,
    );
    const deleted = Number(found[0]?.removed ?? 0);
    partitions += Number(found[0]?.partitions ?? 0);
    rows += deleted;
    if (deleted < MOST_DELETED) break;
  }
  if (partitions + rows > 0) log({ level: "info", event: "usage.expired", partitions, rows });
}

/**
 * Deletes refused requests of more than a month ago, in portions. For the Worker's cron; throws what the database throws, and the
 * next run goes on.
 */
export async function expireRefused(database: Database): Promise<void> {
  for (let call = 0; call < MOST_CALLS; call++) {
    const { rows } = await database.execute<{ gone: string }>(sql`select gaia_expire_refused(${MOST_DELETED}) as gone`);
    if (Number(rows[0]?.gone ?? 0) < MOST_DELETED) return;
  }
}

/** Sums up days of before there were daily sums, the latest first. For the Worker's cron; nothing is left to do where all are. */
export async function backfillUsage(database: Database): Promise<void> {
  for (let day = 0; day < MOST_DAYS; day++) {
    const { rows } = await database.execute<{ left: number }>(sql`select gaia_backfill_usage(1) as left`);
    if (Number(rows[0]?.left ?? 0) === 0) return;
  }
}

/** So many days of an end user are erased at a time. */
const MOST_ERASED_DAYS = 5;

/**
 * The statement that takes an end user out of a root's requests of some days, with the sessions and tags of those: what they used and
 * cost stays. For the batch that also keeps who wanted it.
 */
export const eraseStatement = (database: Database, endUser: string) =>
  database.execute(sql`select gaia_erase_end_user(${endUser}, ${MOST_ERASED_DAYS})`);

/** On how many days there is something of an end user. Throws StorageError. */
export async function daysOfEndUser(database: Database, rootId: string, endUser: string): Promise<number> {
  try {
    const [{ rows }] = await forRoot(database, rootId).batch([
      database.execute<{ days: number }>(sql`select count(distinct day)::int as days from usage_day_labels
        where root_id = ${rootId} and label = 'end_user' and value = ${endUser}`),
    ]);
    return Number(rows[0]?.days ?? 0);
  } catch (error) {
    throw new StorageError("what there is of an end user could not be read", sqlstateOf(error), error);
  }
}
