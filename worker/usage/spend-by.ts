import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { type DimensionName, dimension } from "./stats/dimension.ts";
import { readAll } from "./stats/read.ts";
import { rowsOf, type UsageScope } from "./stats/rows.ts";

/** What a row of a list has used, in decimal digits: requests, those that went wrong, nano-USD. */
export interface Spend {
  requests: string;
  errors: string;
  costNano: string;
}

export const NO_SPEND: Spend = { requests: "0", errors: "0", costNano: "0" };

/** A select of what each value of a dimension used in a scope: `value`, `requests`, `errors`, `cost_nano`. */
export function spendBy(scope: UsageScope, by: DimensionName): SQL {
  const { rows } = rowsOf(scope, [{ name: "value", dimension: dimension(by) }], [{ ...scope.period, id: 0 }]);
  return sql`select value, sum(requests) as requests, sum(errors) as errors, sum(cost_nano) as cost_nano
    from (${rows}) r where value is not null group by value`;
}

/** The same, read. A value that used nothing is left out. Throws as `readAll`. */
export async function readSpendBy(
  database: Database,
  scope: UsageScope,
  by: DimensionName,
): Promise<Map<string, Spend>> {
  const [found = []] = (await readAll(database, scope.rootId, [
    sql`select value, requests::text, errors::text, cost_nano::text from (${spendBy(scope, by)}) spent`,
  ])) as unknown as [{ value: string; requests: string; errors: string; cost_nano: string }[]];
  return new Map(found.map(({ value, cost_nano: costNano, ...rest }) => [value, { ...rest, costNano }]));
}
