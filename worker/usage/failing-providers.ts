import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { dimension } from "./stats/dimension.ts";
import { readAll } from "./stats/read.ts";
import { rowsOf, type UsageScope } from "./stats/rows.ts";

/** Fewer requests say nothing of a provider. */
const FEWEST = 20;
/** From so many percent on of requests that failed. */
const FAILING_PERCENT = 10;

export interface FailingProvider {
  provider: string;
  requests: number;
  /** Those that ended with a status of 500 or above. */
  failed: number;
}

/** The providers of which a tenth and more of a scope's requests failed, of 20 at least, the worst first. Throws as `readAll`. */
export async function failingProviders(database: Database, scope: UsageScope): Promise<FailingProvider[]> {
  const columns = [
    { name: "provider", dimension: dimension("provider") },
    { name: "status", dimension: dimension("status") },
  ];
  const { rows } = rowsOf(scope, columns, [{ ...scope.period, id: 0 }]);
  const [found = []] = (await readAll(database, scope.rootId, [
    sql`select provider, sum(requests)::int as requests,
        coalesce(sum(errors) filter (where status = '5xx'), 0)::int as failed
      from (${rows}) r group by provider
      having sum(requests) >= ${FEWEST}
        and coalesce(sum(errors) filter (where status = '5xx'), 0) * 100 >= sum(requests) * ${FAILING_PERCENT}
      order by coalesce(sum(errors) filter (where status = '5xx'), 0)::float / sum(requests) desc, provider`,
  ])) as unknown as [FailingProvider[]];
  return found;
}
