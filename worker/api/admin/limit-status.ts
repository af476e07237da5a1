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

/**
 * `budget`: what is used stays used until the window ends. `rate`: it refills steadily, or ends with the requests under way, and is
 * seldom near its amount for long.
 */
export const LIMIT_KINDS = ["budget", "rate"] as const;
export const isBudget = ({ limit: { window } }: LimitStatus): boolean =>
  window === "day" || window === "week" || window === "month" || window === "total";

/** Percent of its amount, to a tenth, rounded down: 100 only when nothing is left. */
export const percentUsed = (status: LimitStatus): number => used(status) / 10;

/** From so many percent on a limit is near its amount. */
const NEAR_PERCENT = 90;
export const LIMIT_LEVELS = ["ok", "near", "over"] as const;
/** Whether a limit has anything left, and whether much. */
export const levelOf = (status: LimitStatus): (typeof LIMIT_LEVELS)[number] =>
  percentUsed(status) >= 100 ? "over" : percentUsed(status) >= NEAR_PERCENT ? "near" : "ok";

/**
 * When a budget reaches its amount if its window goes on as it went so far, in milliseconds since the epoch: what was settled, over
 * the time that has passed. Null: not within the window, or it is used up, or nothing is settled, or it has no window's beginning.
 */
export function reachesAmountAt({ amount, settled, startedAt, resetsAt }: LimitStatus, now: number): number | null {
  if (startedAt === null || resetsAt === null || settled <= 0 || settled >= amount || now <= startedAt) return null;
  const at = Math.ceil(startedAt + ((now - startedAt) * amount) / settled);
  return at < resetsAt ? at : null;
}

/** Of the budgets the one of whose amount the least part is left; those that only warn after those that block. */
export function tightest(statuses: readonly LimitStatus[]): LimitStatus | null {
  const budgets = statuses.filter(isBudget);
  const blocking = budgets.filter(({ limit }) => limit.mode === "block");
  const [first, ...others] = blocking.length > 0 ? blocking : budgets;
  return others.reduce((next, one) => (next && used(one) > used(next) ? one : next), first) ?? null;
}

/** The limits that refill steadily, and those of concurrent requests. */
export const ratesAmong = (statuses: readonly LimitStatus[]): LimitStatus[] =>
  statuses.filter((status) => !isBudget(status));

/** Of the limits that block, the one of whose amount the least part is left; the nearest of several. */
function nextToBind(statuses: readonly LimitStatus[]): LimitStatus | null {
  let next: LimitStatus | null = null;
  for (const status of statuses) {
    if (status.limit.mode === "block" && (next === null || used(status) > used(next))) next = status;
  }
  return next;
}

/** How a limit stands; each figure of a cost in USD as well. */
export function standingBody(status: LimitStatus, node: StatusNode) {
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
    percent_used: percentUsed(status),
    state: status.state,
    window_started_at: instant(status.startedAt),
    resets_at: instant(status.resetsAt),
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
  return placed.map(({ status, node }) => ({
    ...standingBody(status, node),
    next_to_bind: status === next,
  }));
}
