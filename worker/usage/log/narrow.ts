import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { firstPartitionDay, partitionDay } from "../partition-days.ts";
import { needsOf } from "../stats/filter.ts";
import type { Horizon } from "../stats/horizon.ts";
import { readAll } from "../stats/read.ts";
import { dayCells } from "../stats/rows.ts";
import type { RequestFilter } from "./matching.ts";

const DAY_MS = 86_400_000;
const FIRST_LOOK_MS = 3 * DAY_MS;
/** More days or keys narrow nothing down. */
const MOST_CELLS = 200;

/** Fields by which an index finds requests, or which nearly all requests of a time meet. */
const isFound = ({ keyIds, sessionIds, endUsers, errorCodes, organizationIds }: RequestFilter): boolean =>
  [keyIds, sessionIds, endUsers, errorCodes, organizationIds].some((field) => field !== undefined);

/** Whether sums may know better than a look at the latest requests where those are that match. */
const isWorthAsking = (filter: RequestFilter): boolean => {
  const { models, providers, memberIds, statusClasses, outcomes, clients, dialects, routeIds, agentIds, tags } = filter;
  const chooses = [
    ...[models, providers, memberIds, statusClasses, outcomes, clients, dialects, routeIds, agentIds, tags],
  ].some((field) => field !== undefined);
  return chooses && !isFound(filter) && !needsOf(filter).events;
};

/** Where requests are that match. */
export interface Narrowed {
  /** Of rows of `usage_events e`. */
  condition: SQL;
  /** There are none elsewhere; otherwise none that are later. */
  complete: boolean;
}

const EVERYWHERE: Narrowed = { condition: sql`true`, complete: true };

/**
 * Where the latest requests are that match a filter, by daily sums: those of a rare tag or model are found without looking through
 * all others. Null where nothing matches at all. Before `until` (milliseconds since the epoch), and some more than `limit` where there
 * are. Throws as `readAll`.
 */
export async function whereLatest(
  database: Database,
  rootId: string,
  filter: RequestFilter,
  { until, limit, horizon }: { until: number; limit: number; horizon: Horizon },
): Promise<Narrowed | null> {
  if (!isWorthAsking(filter) || horizon.summedFrom > 0) return EVERYWHERE;
  const last = Math.min(until, filter.to ?? until);
  const first = Math.max(0, filter.from ?? 0, horizon.eventsFrom - DAY_MS);
  const readCells = async (from: number): Promise<Cell[]> => {
    const days = sql`day between ${partitionDay(from)}::date and ${partitionDay(last + DAY_MS)}::date`;
    const [rows = []] = (await readAll(database, rootId, [
      sql`select day::text as day, key_id, sum(requests)::int as requests from (${dayCells(rootId, filter)}) e
        where ${days} group by 1, 2 order by 1 desc, 2 limit ${MOST_CELLS + 1}::int`,
    ])) as unknown as [Cell[]];
    return rows;
  };
  // Most of what is asked for there is every day.
  const lately = await readCells(Math.max(first, last - FIRST_LOOK_MS));
  const found = lately.length === 0 ? null : narrowed(lately, limit);
  if (found?.complete === false || found === EVERYWHERE) return found;
  const all = await readCells(first);
  return all.length === 0 ? null : narrowed(all, limit);
}

interface Cell {
  day: string;
  key_id: string;
  requests: number;
}

/** A correction may have changed what a request is; so more are looked for than asked for. */
function narrowed(rows: readonly Cell[], limit: number): Narrowed {
  const cut = rows.length > MOST_CELLS ? rows.at(-1)?.day : undefined;
  const taken: Cell[] = [];
  let counted = 0;
  for (const row of rows) {
    // Whole days: none of a day's requests is later than all of another key's.
    if (row.day !== taken.at(-1)?.day && counted >= 2 * limit) break;
    if (row.day === cut) return EVERYWHERE;
    taken.push(row);
    counted += row.requests;
  }
  const complete = taken.length === rows.length;
  const earliest = taken.at(-1)?.day ?? "";
  // An event is of the day of its id, which may be made the day before its request starts.
  const days = [...new Set(taken.flatMap(({ day }) => [day, firstPartitionDay(Date.parse(day))]))];
  const within = complete ? days : days.filter((day) => day >= earliest);
  const keys = [...new Set(taken.map(({ key_id: key }) => key))];
  return { condition: sql`e.day = any(${`{${within.join(",")}}`}::date[]) and e.key_id in ${keys}`, complete };
}
