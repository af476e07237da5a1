import type { Cooling } from "../../ledger/contract.ts";
import { routesInSight } from "../../organizations/routes-in-sight.ts";
import { visibleOrganizations } from "../../organizations/tree.ts";
import { type AttemptScope, readAttempts } from "../../usage/attempts.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { figuresByTarget, type TargetFigures, type TargetHealth, targetHealth } from "./target-health.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Recent is what happened in so many minutes; known of a target is what happened in so many hours. */
const RECENT_MINUTES = 15;
export const HOURS = 24;
/** Asked every few seconds: of a tenant whose requests are more, the newest. */
const MOST_RECENT = 5_000;
/** Asked now and then. */
const MOST_IN_A_DAY = 50_000;

export interface TargetReading {
  targets: TargetHealth[];
  /** When the first of the recent minutes began; milliseconds since the epoch. */
  recentFrom: number;
  /** What is said of states looks back so far. */
  since: number;
  /** Of the last hours, where they were asked for. */
  day: { from: number; since: number; figures: Map<string, TargetFigures> } | null;
  /** False: the Ledger could not be reached, and nothing is known of what is cooling. */
  coolingKnown: boolean;
}

/** What is cooling; null, and reported, where the Ledger cannot be reached. */
async function readCooling(dependencies: AdminDependencies, context: AdminContext): Promise<Cooling[] | null> {
  const { rootId, jurisdiction } = context.get("caller");
  try {
    return await dependencies.ledger(rootId, jurisdiction).cooling();
  } catch (cause) {
    dependencies.report({ requestId: context.get("requestId"), what: "ledger_unavailable", cause });
    return null;
  }
}

/**
 * How the targets of a branch stand, of the caller's when none is named: by the attempts of its requests, and by what the tenant's
 * Ledger knows to be cooling, which is asked once. As many statements whatever there is. Throws `not_found`, and as `readAll`.
 */
export async function readTargets(
  dependencies: AdminDependencies,
  context: AdminContext,
  { organization, figures }: { organization: string | undefined; figures: boolean },
): Promise<TargetReading> {
  const { database, now } = dependencies;
  const caller = context.get("caller");
  const at = now();
  const organizationIds = await visibleOrganizations(database, caller, organization);
  const recentFrom = Math.floor(at / MINUTE_MS) * MINUTE_MS - (RECENT_MINUTES - 1) * MINUTE_MS;
  const dayFrom = Math.floor(at / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
  // What began just now counts, too.
  const scope = { rootId: caller.rootId, organizationIds, from: dayFrom, to: at + MINUTE_MS };
  const minutes: AttemptScope = { ...scope, most: MOST_RECENT, slotsFrom: recentFrom, slotMs: MINUTE_MS };
  const hours: AttemptScope = { ...scope, most: MOST_IN_A_DAY, slotsFrom: dayFrom, slotMs: HOUR_MS };
  const [cooling, routes, attempts, day] = await Promise.all([
    readCooling(dependencies, context),
    routesInSight(database, caller, organization),
    readAttempts(database, minutes),
    figures ? readAttempts(database, hours) : null,
  ]);
  return {
    targets: targetHealth({
      ...{ routes, attempts, cooling: cooling ?? [], slots: RECENT_MINUTES },
      // Whose requests these were is not everybody's to know.
      showsAll: organizationIds === null,
    }),
    ...{ recentFrom, since: attempts.since, coolingKnown: cooling !== null },
    day: day && { from: dayFrom, since: day.since, figures: figuresByTarget(day, HOURS) },
  };
}
