import { type SQL, sql } from "drizzle-orm";
import { type ComparedScope, turnsOf } from "./compared.ts";
import { type Column, rowsOf, type Source, sourceOf } from "./rows.ts";

/** Tokens of prompt caches that one price rates. Counts in decimal digits. */
export interface CachedTokens {
  organization_id: string;
  provider: string;
  model: string;
  /** How many of the moments at which a price may have changed had passed. */
  epoch: number;
  cache_read: string;
  cache_write: string;
}

const COLUMNS: Column[] = [
  { name: "organization_id", dimension: { rollups: sql`e.organization_id`, events: sql`e.organization_id` } },
  { name: "provider", dimension: { rollups: sql`e.provider`, events: sql`e.provider` } },
  { name: "model", dimension: { rollups: sql`e.model`, events: sql`e.upstream_model` } },
  { name: "at", dimension: { rollups: sql`e.hour`, events: sql`e.started_at` } },
];

/** A statement whose rows are `CachedTokens` with their `turn`. */
export function cachedTokensStatement(scope: ComparedScope, priceChanges: readonly number[]): SQL {
  const changes = JSON.stringify(priceChanges.map((at) => new Date(at).toISOString()));
  const turns = turnsOf(scope).map((one, turn) => {
    const source: Source = sourceOf(one, COLUMNS);
    return sql`select ${turn}::int as turn, r.* from (${rowsOf(one, COLUMNS, source)}) r`;
  });
  // `width_bucket` takes no empty list: the first is before every request.
  return sql`
    with changes as (
      select array_agg(at order by at) as list
      from (select '-infinity'::timestamptz union all select value::timestamptz from jsonb_array_elements_text(${changes}::jsonb)) t(at)
    )
    select turn, organization_id, provider, model, width_bucket(at, list)::int - 1 as epoch,
      sum(cache_read)::text as cache_read, sum(cache_write)::text as cache_write
    from (${sql.join(turns, sql` union all `)}) r, changes
    where cache_read <> 0 or cache_write <> 0
    group by 1, 2, 3, 4, 5`;
}
