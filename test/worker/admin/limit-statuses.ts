import type { LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { LimitStatus } from "../../../worker/ledger/contract.ts";

/** What a Ledger says of a limit of nano-USD a day that nothing was used of, but for what matters to a test. */
export const limitStatus = (limit: Partial<LimitRecord>, figures: Partial<LimitStatus> = {}): LimitStatus => ({
  limit: {
    ...{ id: "lim_000000000000", nodeId: "org_00000000", metric: "cost", window: "day", amount: 100, mode: "block" },
    ...{ thresholds: [], override: null, fallback: null, removed: false },
    ...limit,
  },
  ...{ amount: 100, settled: 0, held: 0, startedAt: null, resetsAt: null, state: "ok" },
  ...figures,
});
