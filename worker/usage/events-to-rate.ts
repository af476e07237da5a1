import { and, asc, eq, gt, gte, inArray, lt, lte, ne } from "drizzle-orm";
import { alias, type PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../drizzle/client.ts";
import { usageEvents } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { ulidTime } from "../lib/ulid.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import type { EventRow } from "./requests.ts";
import { eventConditions, type UsageFilter } from "./stats/filter.ts";

/** Which requests are rated anew: those that started in [from, to), milliseconds since the epoch. */
export interface RatedPeriod {
  from: number;
  to: number;
  /** Only these of them. */
  filter: UsageFilter;
}

/** By the name that `eventConditions` has for it. */
const e = alias(usageEvents, "e");

const partitionsOf = (table: Record<"rootId" | "day", PgColumn>, rootId: string, { from, to }: RatedPeriod) =>
  and(eq(table.rootId, rootId), gte(table.day, firstPartitionDay(from)), lte(table.day, partitionDay(to)));

/** First rows; an event whose first row is still to come has none. Token counts are free. */
const requestsOf = (rootId: string, period: RatedPeriod) =>
  and(
    partitionsOf(e, rootId, period),
    eq(e.rev, 0),
    gte(e.startedAt, new Date(period.from)),
    lt(e.startedAt, new Date(period.to)),
    ne(e.operation, "count_tokens"),
    eventConditions(rootId, period.filter),
  );

/**
 * Until when the period can be rated so that it has at most `events` requests: its own end, or an earlier moment. Ids are
 * in the order of time, and no request starts before its id was made: those that start earlier come before the id found.
 */
export async function endOfPortion(
  database: Database,
  rootId: string,
  period: RatedPeriod,
  events: number,
): Promise<number> {
  const [[beyond]] = await read(() =>
    forRoot(database, rootId).batch([
      database
        .select({ eventId: e.eventId })
        .from(e)
        .where(requestsOf(rootId, period))
        .orderBy(asc(e.eventId))
        .offset(events)
        .limit(1),
    ]),
  );
  const end = beyond === undefined ? period.to : ulidTime(beyond.eventId);
  // Each portion must have something in it, or the next would begin where this one did.
  return end > period.from ? Math.min(end, period.to) : period.to;
}

/**
 * The requests of a period that follow `after` (an event id), in the order of their ids, each with all its revisions in
 * order; at most `limit`.
 */
export async function readEventsToRate(
  database: Database,
  rootId: string,
  period: RatedPeriod,
  { after, limit }: { after: string; limit: number },
): Promise<EventRow[][]> {
  const page = database
    .select({ eventId: e.eventId })
    .from(e)
    .where(and(requestsOf(rootId, period), gt(e.eventId, after)))
    .orderBy(asc(e.eventId))
    .limit(limit);
  const [rows] = await read(() =>
    forRoot(database, rootId).batch([
      database
        .select()
        .from(usageEvents)
        .where(and(partitionsOf(usageEvents, rootId, period), inArray(usageEvents.eventId, page)))
        .orderBy(asc(usageEvents.eventId), asc(usageEvents.rev)),
    ]),
  );
  return [...Map.groupBy(rows, (row) => row.eventId).values()];
}

async function read<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw new StorageError("events could not be read", sqlstateOf(error), error);
  }
}
