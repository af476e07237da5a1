import { type SQL, sql } from "drizzle-orm";
import { newUlid } from "../../lib/ulid.ts";
import { dayOfId, firstPartitionDay, partitionDay } from "../partition-days.ts";
import { eventConditions, type UsageFilter } from "../stats/filter.ts";

/**
 * Which requests are shown. Each is looked at as it stands now: how it ended by its latest revision, its cost and duration
 * summed over all of them.
 */
export interface RequestFilter extends UsageFilter {
  /** Those that started in [from, to), milliseconds since the epoch. */
  from?: number | undefined;
  to?: number | undefined;
  /** Nano-USD, both inclusive. */
  minCostNano?: number | undefined;
  maxCostNano?: number | undefined;
  minDurationMs?: number | undefined;
  maxDurationMs?: number | undefined;
  /** The beginning of an id, or a part of the model's name. */
  search?: string | undefined;
}

const DAY_MS = 86_400_000;
const ID_PREFIX = /^[0-7][0-9A-HJKMNP-TV-Z]{3,25}$/i;

/** The least id that can be made at a moment. */
const leastId = (at: number): string => newUlid(Math.max(0, at), (length) => new Uint8Array(length));

/** Ids bound what an index of them must be read; days do the partitions. An id is made before its request starts. */
const started = ({ from, to }: RequestFilter): SQL[] => [
  ...(from === undefined
    ? []
    : [
        sql`e.started_at >= ${new Date(from).toISOString()}::timestamptz and e.day >= ${firstPartitionDay(from)}::date`,
        sql`e.event_id >= ${leastId(from - DAY_MS)}`,
      ]),
  ...(to === undefined
    ? []
    : [
        sql`e.started_at < ${new Date(to).toISOString()}::timestamptz and e.day <= ${partitionDay(to)}::date`,
        sql`e.event_id < ${leastId(to)}`,
      ]),
];

const bounded = (value: SQL, least: number | undefined, most: number | undefined): SQL[] => [
  ...(least === undefined ? [] : [sql`${value} >= ${least}`]),
  ...(most === undefined ? [] : [sql`${value} <= ${most}`]),
];

/** What all revisions of a request come to, by its latest: where that is the first there is no other. */
const summed = (column: SQL): SQL => sql`case when e.rev = 0 then e.${column} else (
  select sum(a.${column}) from usage_events a where a.root_id = e.root_id and a.event_id = e.event_id and a.day = e.day
) end`;

function searched(search: string | undefined): SQL[] {
  if (search === undefined) return [];
  if (ID_PREFIX.test(search)) {
    const prefix = search.toUpperCase();
    return [sql`e.event_id between ${prefix.padEnd(26, "0")} and ${prefix.padEnd(26, "Z")}`];
  }
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return [sql`(e.provider || '/' || e.upstream_model ilike ${pattern} or e.requested_model ilike ${pattern})`];
}

/** The condition for rows of `usage_events e` that are the latest of a request that matches. */
export function matching(rootId: string, filter: RequestFilter): SQL {
  const { minCostNano, maxCostNano, minDurationMs, maxDurationMs, search } = filter;
  return sql.join(
    [
      eventConditions(rootId, filter),
      ...started(filter),
      ...searched(search),
      sql`not exists (
        select from usage_events later
        where later.root_id = e.root_id and later.event_id = e.event_id and later.day = e.day and later.rev > e.rev
          and later.rev > 0
      )`,
      ...bounded(summed(sql`cost_nano`), minCostNano, maxCostNano),
      ...bounded(summed(sql`duration_ms`), minDurationMs, maxDurationMs),
    ],
    sql` and `,
  );
}

/** The condition for requests that come after one, oldest first. */
export const newerThan = (eventId: string): SQL => sql`e.event_id > ${eventId} and e.day >= ${dayOfId(eventId)}::date`;

/** The condition for requests that come after one, newest first. */
export const olderThan = (eventId: string): SQL => sql`e.event_id < ${eventId} and e.day <= ${dayOfId(eventId)}::date`;
