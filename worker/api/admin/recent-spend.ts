import { visibleOrganizations } from "../../organizations/tree.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import type { UsageScope } from "../../usage/stats/rows.ts";
import type { Caller } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RECENT_DAYS = 30;

/** What lists add up of late: a tenant's usage since the hour began that was 30 days ago. */
export async function recentUsage(
  { database }: Pick<AdminDependencies, "database">,
  { rootId }: Pick<Caller, "rootId">,
  at: number,
): Promise<UsageScope> {
  const from = Math.floor((at - RECENT_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS;
  return { rootId, filter: {}, period: { from, to: at }, horizon: await readHorizon(database, rootId) };
}

/** The same of a branch, of the caller's when none is named. Throws `not_found`. */
export async function recentUsageOf(
  dependencies: Pick<AdminDependencies, "database">,
  caller: Caller,
  at: number,
  organization: string | undefined,
): Promise<UsageScope> {
  const [usage, visible] = await Promise.all([
    recentUsage(dependencies, caller, at),
    visibleOrganizations(dependencies.database, caller, organization),
  ]);
  return { ...usage, filter: { organizationIds: visible ?? undefined } };
}
