import type { LimitMetric, LimitRecord } from "../canonical/tenant.ts";
import type { Amount } from "./amounts.ts";
import type { Standing } from "./limit-check.ts";

/** One shard takes at most so small a part of what is left. */
const PARTS = 8;
/** Below this part of a limit nothing is lent: the Ledger decides alone, so that the last of it can be spent anywhere. */
const RESERVE_PERCENT = 10;
/** A shard that has burnt nothing yet begins with room for so many requests like the first. */
const FIRST_REQUESTS = 8;

export interface SliceWish {
  /** The request that asks for it. */
  need: Amount;
  /** What the shard used in the last five seconds. */
  burn: Amount;
  /** Shards that hold a slice, this one included. */
  shards: number;
}

const FIELDS = {
  requests: "requests",
  concurrent_requests: "requests",
  input_tokens: "inputTokens",
  output_tokens: "outputTokens",
  cost: "costNano",
} as const;

const roomOf = ({ amount, settled, held }: Standing): number => amount - settled - held;

/**
 * What a shard may borrow: of every metric that is limited, the least of an eighth of what each limit leaves (divided by
 * the shards) and of what it is likely to use; nothing of the others. Null near exhaustion, or where the request itself
 * would not fit into it.
 */
export function sliceFor(standings: readonly Standing[], { need, burn, shards }: SliceWish): Amount | null {
  const slice: Amount = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
  const wish = (field: keyof Amount): number => Math.max(need[field] * FIRST_REQUESTS, burn[field], 1);
  for (const standing of standings) {
    if (roomOf(standing) * 100 < standing.amount * RESERVE_PERCENT || roomOf(standing) <= 0) return null;
  }
  const least = (metric: LimitMetric): number | null => {
    const rooms = standings.filter(({ limit }) => limit.metric === metric).map(roomOf);
    return rooms.length === 0 ? null : Math.floor(Math.min(...rooms) / (PARTS * shards));
  };
  for (const metric of ["requests", "concurrent_requests", "input_tokens", "output_tokens", "cost"] as const) {
    const most = least(metric);
    if (most === null) continue;
    const field = FIELDS[metric];
    slice[field] = Math.min(slice[field] === 0 ? wish(field) : slice[field], most);
    if (slice[field] < need[field]) return null;
  }
  const total = least("total_tokens");
  return total === null ? slice : withinTotal(slice, total, need, wish);
}

/** Input and output together may not pass `total`; what they leave goes to each as the request needs it. */
function withinTotal(slice: Amount, total: number, need: Amount, wish: (field: keyof Amount) => number): Amount | null {
  const input = slice.inputTokens === 0 ? wish("inputTokens") : slice.inputTokens;
  const output = slice.outputTokens === 0 ? wish("outputTokens") : slice.outputTokens;
  if (need.inputTokens + need.outputTokens > total) return null;
  if (input + output <= total) return { ...slice, inputTokens: input, outputTokens: output };
  const spare = total - need.inputTokens - need.outputTokens;
  const [moreInput, moreOutput] = [input - need.inputTokens, output - need.outputTokens];
  const forInput = Math.floor((spare * moreInput) / Math.max(1, moreInput + moreOutput));
  return {
    ...slice,
    inputTokens: need.inputTokens + Math.min(moreInput, forInput),
    outputTokens: need.outputTokens + Math.min(moreOutput, spare - forInput),
  };
}

/** The metrics a slice is limited in, as limits on the node that stands for the lease. */
export function limitsOfSlice(node: string, metrics: readonly LimitMetric[], slice: Amount): LimitRecord[] {
  const amounts: Record<LimitMetric, number> = {
    requests: slice.requests,
    concurrent_requests: slice.requests,
    input_tokens: slice.inputTokens,
    output_tokens: slice.outputTokens,
    total_tokens: slice.inputTokens + slice.outputTokens,
    cost: slice.costNano,
  };
  // Requests that have ended free their place at the Ledger, which counts them with the next report.
  const counted = new Set(metrics.map((metric) => (metric === "concurrent_requests" ? "requests" : metric)));
  return [...counted].map((metric) => ({
    ...{ id: `${node}/${metric}`, nodeId: node, metric, window: "total", amount: amounts[metric], mode: "block" },
    ...{ thresholds: [], override: null, fallback: null, removed: false },
  }));
}
