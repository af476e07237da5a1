import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { FIGURES, hourlySums } from "./hourly-sums.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import { readHorizon } from "./stats/horizon.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** No sum can be: it marks the rows that this transaction has locked, and no other ever sees it. */
const LOCKED = -1;

const KEY = sql`(root_id, hour, organization_id, key_id, model, provider, status_class)`;
const KEY_COLUMNS = sql`root_id, hour, organization_id, key_id, model, provider, status_class`;

/**
 * Makes a root's sums anew from its events: hourly ones for each hour that [from, to) touches, in one transaction, then those of each
 * day that it touches. For repair, after a comparison has shown sums that are wrong. Sums of events that are deleted stay as they
 * are. Throws `StorageError`; transient ones may be tried again.
 */
export async function rebuildRollups(database: Database, rootId: string, from: Date, to: Date): Promise<void> {
  const { eventsFrom } = await readHorizon(database, rootId);
  const begins = Math.max(from.getTime(), eventsFrom);
  if (begins >= to.getTime()) return;
  await rebuildHours(database, rootId, new Date(begins), to);
  try {
    for (let day = Math.floor(begins / DAY_MS) * DAY_MS; day < to.getTime(); day += DAY_MS) {
      await forRoot(database, rootId).batch([
        database.execute(sql`select gaia_repair_usage(${partitionDay(day)}::date)`),
      ]);
    }
  } catch (error) {
    throw new StorageError("daily sums could not be made anew", sqlstateOf(error), error);
  }
}

/**
 * Writers of events may go on: one that added to a row before it was locked has committed its events, which are summed;
 * one that comes later waits, and adds to the new sum. A row that appears after the lock is its writer's own and is right.
 */
async function rebuildHours(database: Database, rootId: string, from: Date, to: Date): Promise<void> {
  const begins = Math.floor(from.getTime() / HOUR_MS) * HOUR_MS;
  const ends = Math.ceil(to.getTime() / HOUR_MS) * HOUR_MS;
  const [first, end] = [new Date(begins).toISOString(), new Date(ends).toISOString()];
  const rollups = sql`root_id = ${rootId} and hour >= ${first}::timestamptz and hour < ${end}::timestamptz`;
  // Without days every partition there is would be read.
  const events = sql`root_id = ${rootId}
    and day between ${firstPartitionDay(begins)}::date and ${partitionDay(ends)}::date
    and started_at >= ${first}::timestamptz and started_at < ${end}::timestamptz`;
  const summed = sql`select ${hourlySums} from usage_events where ${events} group by 1, 2, 3, 4, 5, 6, 7`;
  const columns = sql.join(
    FIGURES.map((name) => sql.identifier(name)),
    sql`, `,
  );
  const zeros = sql.join(
    FIGURES.map(() => sql`0`),
    sql`, `,
  );
  const marked = sql.join(
    FIGURES.map((name) => sql`${sql.identifier(name)} = ${name === "requests" ? LOCKED : 0}`),
    sql`, `,
  );
  const toSum = sql.join(
    FIGURES.map((name) => sql`${sql.identifier(name)} = summed.${sql.identifier(name)}`),
    sql`, `,
  );
  try {
    await forRoot(database, rootId).batch([
      // Sums that are missing get a row that can be locked.
      database.execute(sql`
        insert into usage_rollups (${KEY_COLUMNS}, ${columns})
        select ${KEY_COLUMNS}, ${zeros} from (${summed}) as missing
        order by 1, 2, 3, 4, 5, 6, 7
        on conflict do nothing`),
      // In the writers' own order, so that nobody waits for each other in a circle.
      database.execute(sql`
        with locked as (
          select ${KEY_COLUMNS} from usage_rollups where ${rollups} order by 1, 2, 3, 4, 5, 6, 7 for update
        )
        update usage_rollups set ${marked}
        where ${KEY} in (select * from locked)`),
      database.execute(sql`
        update usage_rollups set ${toSum}
        from (${summed}) as summed
        where usage_rollups.requests = ${LOCKED}
          and (usage_rollups.root_id, usage_rollups.hour, usage_rollups.organization_id, usage_rollups.key_id,
            usage_rollups.model, usage_rollups.provider, usage_rollups.status_class)
          = (summed.root_id, summed.hour, summed.organization_id, summed.key_id, summed.model, summed.provider,
            summed.status_class)`),
      database.execute(sql`update usage_rollups set requests = 0 where ${rollups} and requests = ${LOCKED}`),
    ]);
  } catch (error) {
    throw new StorageError("hourly sums could not be made anew", sqlstateOf(error), error);
  }
}
