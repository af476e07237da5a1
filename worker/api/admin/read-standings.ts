import { GatewayError } from "../../errors.ts";
import type { LimitStatus } from "../../ledger/contract.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";

/** How the limits of nodes stand by the Ledger's own count. Throws `ledger_unavailable`: no figure is better than an old one. */
export async function requireStandings(
  { ledger }: AdminDependencies,
  context: AdminContext,
  nodeIds: readonly string[],
): Promise<LimitStatus[]> {
  const { rootId, jurisdiction } = context.get("caller");
  return ledger(rootId, jurisdiction)
    .limits([...new Set(nodeIds)])
    .catch((cause: unknown) => {
      throw new GatewayError("ledger_unavailable", "The limits' state cannot be read right now. Try again.", {
        retryAfter: 1,
        cause,
      });
    });
}

/** The limits of each node, by its id. */
export type Standings = Map<string, LimitStatus[]>;

/** The same for an answer that says other things as well; null, and reported, when the Ledger cannot be reached. */
export async function readStandings(
  dependencies: AdminDependencies,
  context: AdminContext,
  nodeIds: readonly string[],
): Promise<Standings | null> {
  try {
    const statuses = await requireStandings(dependencies, context, nodeIds);
    return Map.groupBy(statuses, ({ limit }) => limit.nodeId);
  } catch (cause) {
    dependencies.report({ requestId: context.get("requestId"), what: "ledger_unavailable", cause });
    return null;
  }
}
