import { type Amount, nothing } from "./amounts.ts";
import type { Boundary, BoundarySums } from "./boundaries.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { Adjustment, LedgerSums } from "./contract.ts";
import type { Counters } from "./counters.ts";

/** An amount that one window of one node has more. */
export interface NodeSum {
  node: string;
  window: string;
  amount: Amount;
}

/** Everything that is counted, window by window, to be compared with Postgres. */
export const storedSums = (counters: Counters): LedgerSums["nodes"] =>
  [...counters.all()].map(({ node, window, settled }) => {
    const { requests, inputTokens, outputTokens, costNano } = settled;
    return { nodeId: node, window, settled: [requests, inputTokens, outputTokens, costNano] };
  });

/** What Postgres has counted for each key, on every node above it and in the windows of that node's own zone. */
export const recalledSums = (
  rows: readonly BoundarySums[],
  boundaries: readonly Boundary[],
  copy: ConfigurationCopy,
): NodeSum[] =>
  rows.flatMap(({ boundary, keyId, organizationId, settled }) => {
    const { window, zone } = boundaries[boundary] as Boundary;
    const [requests, inputTokens, outputTokens, costNano] = settled;
    const amount = { requests, inputTokens, outputTokens, costNano };
    return [keyId, ...(copy.path(organizationId) ?? [])]
      .filter((node) => zone === null || copy.zoneOf(node) === zone)
      .map((node) => ({ node, window, amount }));
  });

/** Corrections, on every node above their keys and in the windows of their requests. */
export const adjustedSums = (
  adjustments: readonly Adjustment[],
  counters: Counters,
  copy: ConfigurationCopy,
): NodeSum[] =>
  adjustments.flatMap(({ keyId, organizationId, startedAt, costNano }) =>
    [keyId, ...(copy.path(organizationId) ?? [])].flatMap((node) =>
      counters.windowsOf(node, startedAt).map((window) => ({ node, window, amount: { ...nothing(), costNano } })),
    ),
  );
