import { and, asc, eq, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { usageEvents } from "../../../drizzle/schema/index.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { partitionDay } from "../partition-days.ts";
import { listed, mergeRevisions, type RequestRecord } from "../requests.ts";
import { limitStatement, reading } from "../stats/read.ts";
import { matching, type RequestFilter } from "./matching.ts";

/** A place in the order in which requests were settled. */
export interface Arrival {
  /** Milliseconds since the epoch. */
  settledAt: number;
  eventId: string;
}

/** No request lasts longer. */
const LONGEST_MS = 2 * 86_400_000;

/**
 * Requests that were settled after a place and until a moment, the first at the beginning: at most `limit`, and how many
 * there are. One that was corrected by a late settlement comes again. Throws as `readAll`.
 */
export async function readArrivals(
  database: Database,
  rootId: string,
  filter: RequestFilter,
  { after, until, limit }: { after: Arrival; until: number; limit: number },
): Promise<{ requests: RequestRecord[]; found: number }> {
  const condition = sql`${matching(rootId, filter)}
    and e.day >= ${partitionDay(Math.max(0, after.settledAt - LONGEST_MS))}::date
    and (e.settled_at, e.event_id) > (${new Date(after.settledAt).toISOString()}::timestamptz, ${after.eventId}::text)
    and e.settled_at <= ${new Date(until).toISOString()}::timestamptz`;
  const page = sql`select e.event_id, e.day from usage_events e where ${condition}
    order by e.settled_at, e.event_id limit ${limit}::int`;
  return reading(async () => {
    const [, rows, counted] = await forRoot(database, rootId).batch([
      limitStatement(database, 2),
      database
        .select(listed)
        .from(usageEvents)
        .where(and(eq(usageEvents.rootId, rootId), sql`(event_id, day) in (${page})`))
        .orderBy(asc(usageEvents.eventId), asc(usageEvents.rev)),
      database.execute<{ found: number }>(sql`select count(*)::int as found from usage_events e where ${condition}`),
    ]);
    const whole = rows.map((row) => ({ ...row, rawUsage: null, tries: null }));
    const requests = [...Map.groupBy(whole, (row) => row.eventId).values()].map(mergeRevisions);
    const order = (a: RequestRecord, b: RequestRecord) =>
      a.settledAt.getTime() - b.settledAt.getTime() || (a.eventId < b.eventId ? -1 : 1);
    return { requests: requests.sort(order), found: Number(counted.rows[0]?.found ?? 0) };
  });
}
