import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import {
  type Comparison,
  comparePieces,
  type Difference,
  MOST_DIFFERENCES,
  ofPartitions,
  type Piece,
  within,
} from "./compare-pieces.ts";
import { FIGURES, hourlySums } from "./hourly-sums.ts";

interface DifferenceRow extends Record<string, unknown> {
  groups: string;
  hour: string | null;
  organization_id: string;
  key_id: string;
  model: string;
  provider: string;
  status_class: number;
  figure: string;
  events: string;
  rollups: string;
}

/**
 * Holds the hourly sums from `since` on (null: all there are) against the events, in Postgres, each piece of time as of one moment. Every
 * total of rollups is the sum of events when they agree.
 */
export const compareRollups = (database: Database, rootId: string, since: Date | null): Promise<Comparison> =>
  comparePieces(database, rootId, since, async (piece) => {
    const [{ rows }] = await forRoot(database, rootId).batch([
      database.execute<DifferenceRow>(statement(rootId, piece)),
    ]);
    const differences = rows.flatMap(({ groups: _groups, hour, ...row }): Difference[] =>
      hour === null ? [] : [{ books: "rollups", hour, ...row }],
    );
    return { compared: Number(rows[0]?.groups ?? 0) * FIGURES.length, differences };
  });

/** Without a difference there is one row, which tells only how much was compared. */
function statement(rootId: string, piece: Piece) {
  const sides = sql.join(
    FIGURES.map((name) => sql`(${name}, events.${sql.identifier(name)}, rollups.${sql.identifier(name)})`),
    sql`, `,
  );
  return sql`
with events as (
  select ${hourlySums} from usage_events
  where root_id = ${rootId} and ${ofPartitions(piece)} and ${within(sql`started_at`, piece)}
  group by 1, 2, 3, 4, 5, 6, 7
), rollups as (
  select * from usage_rollups where root_id = ${rootId} and ${within(sql`hour`, piece)}
), figures as (
  select hour, organization_id, key_id, model, provider, status_class, figure, coalesce(here, 0) as here,
    coalesce(there, 0) as there
  from events full join rollups using (hour, organization_id, key_id, model, provider, status_class)
  cross join lateral (values ${sides}) as side(figure, here, there)
), differing as (
  select * from figures where here <> there order by hour desc, key_id, model, provider, status_class, figure
  limit ${MOST_DIFFERENCES + 1}
)
select (select count(*) / ${FIGURES.length} from figures) as groups,
  to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour, organization_id, key_id, model, provider,
  status_class, figure, here::text as events, there::text as rollups
from (select) as always left join differing on true`;
}
