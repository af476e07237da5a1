import type { LimitStatus } from "../../ledger/contract.ts";
import { usdFromNano } from "../../lib/money.ts";

/** An organization or key on the way from where a request is made to the top. */
export interface StatusNode {
  id: string;
  kind: "key" | "organization";
  name: string;
}

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** Thousandths of the amount that are settled or held, rounded down; a limit that allows nothing is used up. */
const used = ({ amount, settled, held }: LimitStatus): number =>
  amount === 0 ? 1000 : Number((BigInt(Math.ceil(settled + held)) * 1000n) / BigInt(amount));

/** Of the limits that block, the one of whose amount the least part is left; the nearest of several. */
function nextToBind(statuses: readonly LimitStatus[]): LimitStatus | null {
  let next: LimitStatus | null = null;
  for (const status of statuses) {
    if (status.limit.mode === "block" && (next === null || used(status) > used(next))) next = status;
  }
  return next;
}

/** How a limit stands; each figure of a cost in USD as well. */
function statusBody(status: LimitStatus, node: StatusNode, next: boolean) {
  const { limit, amount, settled, held } = status;
  const figures = { amount, settled, held, remaining: Math.max(0, amount - settled - held) };
  const usd = (figure: number) => (limit.metric === "cost" ? usdFromNano(figure) : null);
  return {
    limit_id: limit.id,
    node,
    metric: limit.metric,
    window: limit.window,
    mode: limit.mode,
    ...figures,
    amount_usd: usd(figures.amount),
    settled_usd: usd(figures.settled),
    held_usd: usd(figures.held),
    remaining_usd: usd(figures.remaining),
    /** To a tenth, rounded down: 100 is shown only when nothing is left. */
    percent_used: used(status) / 10,
    state: status.state,
    window_started_at: instant(status.startedAt),
    resets_at: instant(status.resetsAt),
    next_to_bind: next,
  };
}

/** The limits of a way, the nearest node's first. A limit of a node that is not on it is left out. */
export function statusBodies(way: readonly StatusNode[], statuses: readonly LimitStatus[]) {
  const placed = way.flatMap((node) => {
    const own = statuses.filter(({ limit }) => limit.nodeId === node.id);
    own.sort((a, b) => (a.limit.id < b.limit.id ? -1 : 1));
    return own.map((status) => ({ status, node }));
  });
  const next = nextToBind(placed.map(({ status }) => status));
  return placed.map(({ status, node }) => statusBody(status, node, status === next));
}
