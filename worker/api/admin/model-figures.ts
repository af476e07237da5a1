import { NO_SPEND, readSpendBy, type Spend } from "../../usage/spend-by.ts";
import { medianFirstBytes } from "../../usage/stats/percentile-by.ts";
import type { Caller } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { recentUsageOf } from "./recent-spend.ts";
import { exact, money } from "./stats-bodies.ts";

/** What a branch used each model for of late. */
export interface ModelUsage {
  /** Milliseconds since the epoch. */
  since: number;
  /** By `provider/model`. */
  spend: ReadonlyMap<string, Spend>;
  /** Milliseconds until the provider's first byte. */
  median: ReadonlyMap<string, number>;
}

/** What a branch used each model for in the last 30 days, in as many statements for one as for all. Throws `not_found`. */
export async function readModelUsage(
  dependencies: Pick<AdminDependencies, "database">,
  caller: Caller,
  { at, organization }: { at: number; organization: string | undefined },
): Promise<ModelUsage> {
  const { database } = dependencies;
  const scope = await recentUsageOf(dependencies, caller, at, organization);
  const whole = { ...scope, filter: {} };
  const [spend, everybody] = await Promise.all([
    readSpendBy(database, scope, "model"),
    readSpendBy(database, whole, "provider"),
  ]);
  // Among everybody's requests the branch's are looked for.
  const requests = [...everybody.values()].reduce((sum, one) => sum + Number(one.requests), 0);
  return { since: scope.period.from, spend, median: await medianFirstBytes(database, scope, requests) };
}

/** How often a model was asked for. */
export const requestsOf = (id: string, usage: ModelUsage | null): number => Number(usage?.spend.get(id)?.requests ?? 0);

/** What a model was used for, as the API shows it. */
export function modelFiguresBody(id: string, { since, spend, median }: ModelUsage) {
  const { requests, errors, costNano } = spend.get(id) ?? NO_SPEND;
  const asked = Number(requests);
  return {
    since: new Date(since).toISOString(),
    requests: exact(BigInt(requests)),
    errors: exact(BigInt(errors)),
    error_rate: asked > 0 ? Number(errors) / asked : null,
    ttft_ms_p50: median.get(id) ?? null,
    ...money("cost", BigInt(costNano)),
  };
}
