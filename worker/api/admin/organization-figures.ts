import { clockAt } from "../../lib/time-zone.ts";
import { readBranches, type WaysUp } from "../../organizations/branches.ts";
import type { OrganizationRow } from "../../organizations/records.ts";
import { branchesOf, visibleOrganizations } from "../../organizations/tree.ts";
import { readBranchSpend } from "../../usage/branch-spend.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import { windowBounds } from "../../usage/windows.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { standingBody, tightest } from "./limit-status.ts";
import { readStandings, type Standings } from "./read-standings.ts";
import { exact, money } from "./stats-bodies.ts";

/** When the month of a moment began by a zone's clocks. */
function monthStart(at: number, timeZone: string): number {
  const month = new Date(clockAt(timeZone, at)).toISOString().slice(0, 7);
  return windowBounds(`month/${month}`, timeZone)?.from ?? at;
}

/** Of the limits of money on the way up from an organization, the one that is used up furthest. */
function moneyLimit(id: string, ways: WaysUp, standings: Standings) {
  const way = ways(id);
  const costs = way.flatMap((one) => (standings.get(one.id) ?? []).filter(({ limit }) => limit.metric === "cost"));
  const next = tightest(costs);
  const node = way.find((one) => one.id === next?.limit.nodeId);
  return next && node ? standingBody(next, { id: node.id, kind: "organization", name: node.name }) : null;
}

/**
 * What organizations and all below each come to: spend of the calendar month by each one's own clocks, as its limits count it, keys
 * and members; and the limit of money that is used up furthest, its own or inherited. As many statements for one as for all.
 */
export async function organizationFigures(
  dependencies: AdminDependencies,
  context: AdminContext,
  rows: readonly Pick<OrganizationRow, "id" | "timeZone">[],
) {
  const { database, now } = dependencies;
  const caller = context.get("caller");
  const at = now();
  const ids = rows.map(({ id }) => id);
  const branches = rows.map(({ id, timeZone }) => ({ id, since: monthStart(at, timeZone) }));
  const [horizon, visible, { ways, counts }] = await Promise.all([
    readHorizon(database, caller.rootId),
    visibleOrganizations(database, caller, undefined),
    readBranches(database, caller, ids),
  ]);
  const scope = { rootId: caller.rootId, horizon, filter: { organizationIds: visible ?? undefined } };
  const [spend, standings] = await Promise.all([
    readBranchSpend(database, scope, { branches, below: branchesOf(caller.rootId, ids), until: at }),
    readStandings(
      dependencies,
      context,
      ids.flatMap((id) => ways(id).map((one) => one.id)),
    ),
  ]);
  return new Map(
    branches.map(({ id, since }) => {
      const { requests = "0", costNano = "0" } = spend.get(id) ?? {};
      const month = {
        since: new Date(since).toISOString(),
        requests: exact(BigInt(requests)),
        ...money("cost", BigInt(costNano)),
      };
      return [
        id,
        {
          month,
          ...(counts.get(id) ?? { keys: 0, members: 0 }),
          limit: standings && moneyLimit(id, ways, standings),
          /** False: the Ledger could not be reached, and `limit` says nothing. */
          limit_known: standings !== null,
        },
      ];
    }),
  );
}
