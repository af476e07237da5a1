import { sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { readAll } from "./read.ts";
import { eventsOf, type UsageScope } from "./rows.ts";

/** More requests than these are not all sorted: one in 32 is, by chance, and of many times as many fewer. */
const MOST_SORTED = 50_000;
/** So many of the sample are looked through at most. */
const MOST_SAMPLED = 150_000;
/** The characters of ids; an id ends in two by chance. */
const CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * The median of milliseconds until the provider's first byte, by `provider/model`: of all requests of a scope that have one, or of
 * a sample of them. `requests`: how many everybody has in that time. A model without any is left out. Throws as `readAll`.
 */
export async function medianFirstBytes(
  database: Database,
  scope: UsageScope,
  requests: number,
): Promise<Map<string, number>> {
  let kept = CHARACTERS.length;
  while (kept > 1 && (requests * kept) / CHARACTERS.length ** 2 > MOST_SAMPLED) kept /= 2;
  const sample = sql`right(e.event_id, 1) = '0' and substr(e.event_id, 25, 1) in ${CHARACTERS.slice(0, kept).split("")}`;
  const [rows = []] = (await readAll(database, scope.rootId, [
    sql`select e.provider || '/' || e.upstream_model as model,
        percentile_disc(0.5) within group (order by e.ttft_ms) as median
      from usage_events e
      where ${eventsOf(scope)} and e.rev = 0 and ${requests > MOST_SORTED ? sample : sql`true`} and e.ttft_ms is not null
      group by 1`,
  ])) as unknown as [{ model: string; median: number }[]];
  return new Map(rows.map(({ model, median }) => [model, Number(median)]));
}
