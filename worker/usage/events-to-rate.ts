import { and, asc, eq, gt, gte, inArray, lt, lte, ne } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { usageEvents } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
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

const DAY_MS = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/**
 * The requests of a period that follow `after` (an event id), in the order of their ids, each with all its revisions in
 * order; at most `limit`. Token counts, which are free, and events whose first row is still to come are left out.
 */
export async function readEventsToRate(
  database: Database,
  rootId: string,
  { from, to, model, organizationIds }: RatedPeriod,
  { after, limit }: { after: string; limit: number },
): Promise<EventRow[][]> {
  // An id is made before its request starts: its partition may be that of the day before.
  const inPartitions = and(
    eq(usageEvents.rootId, rootId),
    gte(usageEvents.day, dayOf(from - DAY_MS)),
    lte(usageEvents.day, dayOf(to)),
  );
  const page = database
    .select({ eventId: usageEvents.eventId })
    .from(usageEvents)
    .where(
      and(
        inPartitions,
        gt(usageEvents.eventId, after),
        eq(usageEvents.rev, 0),
        gte(usageEvents.startedAt, new Date(from)),
        lt(usageEvents.startedAt, new Date(to)),
        ne(usageEvents.operation, "count_tokens"),
        model && and(eq(usageEvents.provider, model.provider), eq(usageEvents.upstreamModel, model.upstreamModel)),
        organizationIds && inArray(usageEvents.organizationId, organizationIds),
      ),
    )
    .orderBy(asc(usageEvents.eventId))
    .limit(limit);
  try {
    const [rows] = await forRoot(database, rootId).batch([
      database
        .select()
        .from(usageEvents)
        .where(and(inPartitions, inArray(usageEvents.eventId, page)))
        .orderBy(asc(usageEvents.eventId), asc(usageEvents.rev)),
    ]);
    return [...Map.groupBy(rows, (row) => row.eventId).values()];
  } catch (error) {
    throw new StorageError("events could not be read", sqlstateOf(error), error);
  }
}
