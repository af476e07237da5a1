import { and, asc, desc, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { usageEvents } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { AttemptRecord } from "../canonical/usage-event.ts";
import { ulidTime } from "../lib/ulid.ts";
import { matching, newerThan, olderThan, type RequestFilter } from "./log/matching.ts";
import { whereLatest } from "./log/narrow.ts";
import { dayOfId } from "./partition-days.ts";
import { type Horizon, WHOLE } from "./stats/horizon.ts";
import { limitStatement, reading } from "./stats/read.ts";

/** A row of `usage_events`. Tokens are numbers, costs are nano-USD, both signed in a correction. */
export type EventRow = typeof usageEvents.$inferSelect;

/**
 * A request as it stands now: what is counted summed over its revisions, its attempts as they were told last, everything
 * else from the latest.
 */
export interface RequestRecord extends Omit<EventRow, "rev" | "day" | "tries"> {
  tries: AttemptRecord[] | null;
  /** It was first charged otherwise, and corrected. */
  corrected: boolean;
  /** Nano-USD by which it cost more than was held for it: a bound that did not hold. */
  overBoundNano: number;
}

/** Which page of a list. */
export interface RequestPlace {
  /** Rows a page. */
  limit: number;
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** The oldest first; by itself the newest. */
  oldestFirst?: boolean | undefined;
  /** Left out: everything is there. */
  horizon?: Horizon;
}

export interface RequestPage {
  requests: RequestRecord[];
  /** Event id to go on from; null on the last page. */
  nextCursor: string | null;
}

const SUMMED = [
  "attempts",
  "inputUncached",
  "cacheRead",
  "cacheWrite",
  "output",
  "reasoning",
  "costNano",
  "failedCostNano",
  "heldNano",
  "durationMs",
] as const;

/** Null where no revision knows them. */
const TOLD = ["listCostNano", "providerCostNano"] as const;

/** What lists show: everything but what can be long. */
const { rawUsage: _raw, tries: _tries, ...columns } = getTableColumns(usageEvents);
export const listed = columns;

/**
 * A root's requests, by itself newest first, without the provider's own usage and without attempts. New ones never shift a page: the
 * cursor is a place, not a count. Throws StorageError.
 */
export async function listRequests(
  database: Database,
  rootId: string,
  filter: RequestFilter,
  { limit, cursor, oldestFirst = false, horizon = WHOLE }: RequestPlace,
): Promise<RequestPage> {
  const until = cursor === undefined || oldestFirst ? Date.now() : ulidTime(cursor);
  const latest = await whereLatest(database, rootId, filter, { until, limit: limit + 1, horizon });
  if (latest === null) return { requests: [], nextCursor: null };
  const asked = { filter, limit, cursor, oldestFirst };
  // The oldest are where the latest are only where all are there.
  if (oldestFirst && !latest.complete) return readPage(database, rootId, { ...asked, where: sql`true` });
  const page = await readPage(database, rootId, { ...asked, where: latest.condition });
  // There were fewer where the latest are: so all are wanted.
  const isWhole = latest.complete || page.nextCursor !== null;
  return isWhole ? page : readPage(database, rootId, { ...asked, where: sql`true` });
}

async function readPage(
  database: Database,
  rootId: string,
  { filter, limit, cursor, oldestFirst, where }: RequestPlace & { filter: RequestFilter; where: SQL },
): Promise<RequestPage> {
  const [direction, beyond] = oldestFirst ? [asc, newerThan] : [desc, olderThan];
  const place = cursor === undefined ? sql`true` : beyond(cursor);
  // One event more than the page holds says whether another page follows.
  const page = sql`select e.event_id, e.day from usage_events e
    where ${matching(rootId, filter)} and ${place} and ${where}
    order by ${direction(sql`e.event_id`)} limit ${limit + 1}::int`;
  const rows = await reading(async () => {
    const [, found] = await forRoot(database, rootId).batch([
      limitStatement(database, 1),
      database
        .select(listed)
        .from(usageEvents)
        .where(and(eq(usageEvents.rootId, rootId), sql`(event_id, day) in (${page})`))
        .orderBy(direction(usageEvents.eventId), asc(usageEvents.rev)),
    ]);
    return found.map((row) => ({ ...row, rawUsage: null, tries: null }));
  });
  const requests = [...Map.groupBy(rows, (row) => row.eventId).values()].map(mergeRevisions);
  const shown = requests.slice(0, limit);
  return { requests: shown, nextCursor: requests.length > limit ? (shown.at(-1)?.eventId ?? null) : null };
}

/** One request with its rows, first revision first; null when the root has none of this id. */
export async function getRequest(
  database: Database,
  rootId: string,
  eventId: string,
): Promise<{ request: RequestRecord; revisions: EventRow[] } | null> {
  const [revisions] = await reading(() =>
    forRoot(database, rootId).batch([
      database
        .select()
        .from(usageEvents)
        .where(
          and(eq(usageEvents.rootId, rootId), eq(usageEvents.eventId, eventId), eq(usageEvents.day, dayOfId(eventId))),
        )
        .orderBy(asc(usageEvents.rev)),
    ]),
  );
  return revisions.length === 0 ? null : { request: mergeRevisions(revisions), revisions };
}

/** Rows of one event, in the order of their revisions, as one. */
export function mergeRevisions(revisions: readonly EventRow[]): RequestRecord {
  const latest = revisions[revisions.length - 1];
  if (latest === undefined) throw new RangeError("an event has at least one revision");
  const { rev: _rev, day: _day, ...record } = latest;
  for (const name of SUMMED) record[name] = revisions.reduce((sum, row) => sum + row[name], 0);
  for (const name of TOLD) record[name] = sumOfKnown(revisions.map((row) => row[name]));
  const tries = (revisions.findLast((row) => row.tries !== null)?.tries ?? null) as AttemptRecord[] | null;
  return { ...record, tries, corrected: latest.rev > 0, overBoundNano: overBound(record) };
}

function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Rows of before holds were recorded say that nothing was held, and tell no other figure either. */
const overBound = (row: Pick<EventRow, "costNano" | "heldNano" | (typeof TOLD)[number]>): number =>
  row.heldNano === 0 && row.listCostNano === null && row.providerCostNano === null
    ? 0
    : Math.max(0, row.costNano - row.heldNano);
