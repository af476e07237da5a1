import { and, asc, eq, gt, gte, inArray, lt, lte, ne } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { usageEvents } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { ulidTime } from "../lib/ulid.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import type { EventRow } from "./requests.ts";

/** Which requests are rated anew: those that started in [from, to), milliseconds since the epoch. */
export interface RatedPeriod {
  from: number;
  to: number;
  /** Only of this model, as it was sent upstream. */
  model?: { provider: string; upstreamModel: string } | undefined;
  /** Only of these organizations; undefined: of the whole tree. */
  organizationIds?: string[] | undefined;
}

const partitionsOf = (rootId: string, { from, to }: RatedPeriod) =>
  and(
    eq(usageEvents.rootId, rootId),
    gte(usageEvents.day, firstPartitionDay(from)),
    lte(usageEvents.day, partitionDay(to)),
  );

/** First rows; an event whose first row is still to come has none. Token counts are free. */
const requestsOf = (rootId: string, period: RatedPeriod) =>
  and(
    partitionsOf(rootId, period),
    eq(usageEvents.rev, 0),
    gte(usageEvents.startedAt, new Date(period.from)),
    lt(usageEvents.startedAt, new Date(period.to)),
    ne(usageEvents.operation, "count_tokens"),
    period.model &&
      and(eq(usageEvents.provider, period.model.provider), eq(usageEvents.upstreamModel, period.model.upstreamModel)),
    period.organizationIds && inArray(usageEvents.organizationId, period.organizationIds),
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
        .select({ eventId: usageEvents.eventId })
        .from(usageEvents)
        .where(requestsOf(rootId, period))
        .orderBy(asc(usageEvents.eventId))
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
    .select({ eventId: usageEvents.eventId })
    .from(usageEvents)
    .where(and(requestsOf(rootId, period), gt(usageEvents.eventId, after)))
    .orderBy(asc(usageEvents.eventId))
    .limit(limit);
  const [rows] = await read(() =>
    forRoot(database, rootId).batch([
      database
        .select()
        .from(usageEvents)
        .where(and(partitionsOf(rootId, period), inArray(usageEvents.eventId, page)))
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
