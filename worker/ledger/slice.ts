import type { LimitMetric, LimitRecord } from "../canonical/tenant.ts";
import type { Amount } from "./amounts.ts";
import type { Standing } from "./limit-check.ts";

/** One shard takes at most so small a part of what is left. */
const PARTS = 8;
/** Below this part of a limit nothing is lent: the Ledger decides alone, so that the last of it can be spent anywhere. */
const RESERVE_PERCENT = 10;
/** A shard that has burnt nothing yet begins with room for so many requests like the first. */
const FIRST_REQUESTS = 32;
/** And for so many of them at once; one that has ended keeps its place until its isolate settles, some 50 ms later. */
const FIRST_CONCURRENT = 16;
/** A slice is kept beyond its time only while so much of each limit is left: it may lie idle, and others may need it. */
const SPARE_PERCENT = 50;

export interface SliceWish {
  /** The request that asks for it. */
  need: Amount;
  /** What the shard uses in five seconds. */
  burn: Amount;
  /** Requests under way at the shard. */
  running: number;
  /** Shards that hold a slice, this one included. */
  shards: number;
}

/** A part of what limits leave, for one shard. */
export interface Slice {
  slice: Amount;
  /** Requests at once; 0 where that is not limited. */
  concurrent: number;
}

const FIELDS = {
  requests: "requests",
  input_tokens: "inputTokens",
  output_tokens: "outputTokens",
  cost: "costNano",
} as const;

const roomOf = ({ amount, settled, held }: Standing): number => amount - settled - held;

const leaves = (standings: readonly Standing[], percent: number): boolean =>
  standings.every((one) => roomOf(one) > 0 && roomOf(one) * 100 >= one.amount * percent);

/** Whether what has been lent may be kept for longer. */
export const isAmple = (standings: readonly Standing[]): boolean => leaves(standings, SPARE_PERCENT);

/**
 * What a shard may borrow: of every metric that is limited, the least of an eighth of what each limit leaves (divided by
 * the shards) and of what it is likely to use; nothing of the others. Null near exhaustion, or where the request itself
 * would not fit into it.
 */
export function sliceFor(standings: readonly Standing[], { need, burn, running, shards }: SliceWish): Slice | null {
  const slice: Amount = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
  const wish = (field: keyof Amount): number => Math.max(need[field] * FIRST_REQUESTS, burn[field], 1);
  if (!leaves(standings, RESERVE_PERCENT)) return null;
  const least = (metric: LimitMetric): number | null => {
    const rooms = standings.filter(({ limit }) => limit.metric === metric).map(roomOf);
    return rooms.length === 0 ? null : Math.floor(Math.min(...rooms) / (PARTS * shards));
  };
  const places = least("concurrent_requests");
  if (places === 0) return null;
  const concurrent = places === null ? 0 : Math.min(places, Math.max(FIRST_CONCURRENT, 2 * running));
  for (const metric of ["requests", "input_tokens", "output_tokens", "cost"] as const) {
    const most = least(metric);
    if (most === null) continue;
    const field = FIELDS[metric];
    slice[field] = Math.min(wish(field), most);
    if (slice[field] < need[field]) return null;
  }
  const total = least("total_tokens");
  const within = total === null ? slice : withinTotal(slice, total, need, wish);
  return within === null ? null : { slice: within, concurrent };
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
export function limitsOfSlice(
  node: string,
  metrics: readonly LimitMetric[],
  { slice, concurrent }: Slice,
): LimitRecord[] {
  const amounts: Record<LimitMetric, number> = {
    requests: slice.requests,
    concurrent_requests: concurrent,
    input_tokens: slice.inputTokens,
    output_tokens: slice.outputTokens,
    total_tokens: slice.inputTokens + slice.outputTokens,
    cost: slice.costNano,
  };
  return metrics.map((metric) => ({
    ...{ id: `${node}/${metric}`, nodeId: node, metric, amount: amounts[metric], mode: "block" },
    window: metric === "concurrent_requests" ? "now" : "total",
    ...{ thresholds: [], override: null, fallback: null, removed: false },
  }));
}
