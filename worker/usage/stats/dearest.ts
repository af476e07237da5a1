import { type SQL, sql } from "drizzle-orm";
import { partitionDay } from "../partition-days.ts";
import { WHOLE } from "./horizon.ts";
import type { UsageScope } from "./rows.ts";

/** How many sessions are looked at for the dearest ones. */
export interface Look {
  /** By their bounds, whenever they were. */
  walked: number;
  /** Of those, so many of the period are added up. */
  taken: number;
}

const LOOK: Look = { walked: 20_000, taken: 1_000 };

/** Tables of what a period's dearest sessions can be. */
export interface Dearest {
  /** Their definitions, each with its comma. */
  tables: SQL;
  /** An array of all that are added up. */
  sessions: SQL;
  /** Of those, the ones that can have been on the period's first or last day: of others daily sums tell all. */
  atEdges: SQL;
  /** No other session of the period costs more than this. */
  others: SQL;
}

/**
 * Those of a scope's sessions whose bounds are highest. A month may have 200,000 sessions; to add them all up takes half a second, and
 * hardly ever is one of the first behind the thousandth by what it can have cost at most. Whoever ranks them must see that the
 * last that is shown costs more than `others`, and else look at all. Null where there are no bounds yet.
 */
export function dearest({ rootId, period, horizon = WHOLE, look = LOOK }: UsageScope): Dearest | null {
  if (period.from < Math.max(horizon.modelsFrom, horizon.summedFrom)) return null;
  const { walked, taken } = look;
  const on = (at: number): SQL => sql`${partitionDay(at)}::date between first_day and last_day`;
  const bounds = sql`usage_sessions where root_id = ${rootId} order by cost_most desc`;
  return {
    tables: sql`
      taken as materialized (
        select *
        from (select session_id, first_day, last_day, cost_most from ${bounds} limit ${walked}::int) walked
        where first_day <= ${partitionDay(period.to - 1)}::date and last_day >= ${partitionDay(period.from)}::date
        order by cost_most desc limit ${taken}::int
      ),
      others as materialized (
        select greatest(0, case when (select count(*) from taken) >= ${taken}::int then (select min(cost_most) from taken)
          else (select cost_most from ${bounds} offset ${walked - 1}::int limit 1) end) as most
      ),`,
    sessions: sql`array(select session_id from taken)`,
    atEdges: sql`array(select session_id from taken where ${on(period.from)} or ${on(period.to)})`,
    others: sql`(select most from others)`,
  };
}
