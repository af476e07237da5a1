import type { LimitMetric, LimitRecord } from "../canonical/tenant.ts";
import type { Amount } from "./amounts.ts";
import { BUCKET_MS, fallsTo } from "./bucket.ts";
import type { Buckets } from "./buckets.ts";
import type { Bound, LimitRefusal, OutputTerms } from "./contract.ts";
import type { Counters } from "./counters.ts";
import { dayAt } from "./windows.ts";

/** How a limit stands at a moment, in its own unit. */
export interface Standing {
  limit: LimitRecord;
  /** The amount in force. */
  amount: number;
  settled: number;
  held: number;
}

/** What limits are checked against. */
export interface Figures {
  counters: Counters;
  buckets: Buckets;
  zoneOf(node: string): string;
}

/** The amount in force: an override's until it ends. */
const amountAt = ({ amount, override }: LimitRecord, now: number): number =>
  override !== null && now < override.until ? override.amount : amount;

export const metricOf = (metric: LimitMetric, amount: Readonly<Amount>): number => {
  switch (metric) {
    case "requests":
    case "concurrent_requests":
      return amount.requests;
    case "input_tokens":
      return amount.inputTokens;
    case "output_tokens":
      return amount.outputTokens;
    case "total_tokens":
      return amount.inputTokens + amount.outputTokens;
    case "cost":
      return amount.costNano;
  }
};

/** The name under which a limit's use is counted for a request begun at a moment. */
export function windowOf({ window, nodeId }: LimitRecord, startedAt: number, zoneOf: (node: string) => string): string {
  if (window === "day" || window === "week" || window === "month") {
    return dayAt(startedAt, zoneOf(nodeId)).windows[window].key;
  }
  return window;
}

/** How a limit stands for a request begun at `startedAt`. */
export function standingOf(limit: LimitRecord, figures: Figures, startedAt: number, now: number): Standing {
  const { counters, buckets, zoneOf } = figures;
  const { nodeId, metric, window } = limit;
  const amount = amountAt(limit, now);
  if (window === "minute" || window === "hour") {
    const held = metricOf(metric, counters.peek(nodeId, "total").held);
    return { limit, amount, held, settled: buckets.at(limit, now).debt };
  }
  if (window === "now") return { limit, amount, settled: 0, held: counters.running(nodeId) };
  const count = counters.peek(nodeId, windowOf(limit, startedAt, zoneOf));
  return { limit, amount, settled: metricOf(metric, count.settled), held: metricOf(metric, count.held) };
}

/** What a request with this bound adds to a limit. */
const needOf = (metric: LimitMetric, bound: Bound): number => metricOf(metric, { requests: 1, ...bound });

const fits = ({ amount, settled, held }: Standing, need: number): boolean => settled + held + need <= amount;
const fitsAlone = ({ amount, settled }: Standing, need: number): boolean => settled + need <= amount;

/** The bound of the same request under another output cap (a lower one costs less, rounded so that it stays a bound). */
function boundAt(bound: Bound, terms: OutputTerms, cap: number): Bound {
  const fewer = BigInt(terms.assumed - cap) * BigInt(terms.candidates);
  const cheaper = fewer * BigInt(terms.picoEach);
  // Rounded towards the dearer side, whichever way the cap moved.
  const nano = cheaper >= 0n ? cheaper / 1000n : (cheaper - 999n) / 1000n;
  return {
    inputTokens: bound.inputTokens,
    outputTokens: bound.outputTokens - Number(fewer),
    costNano: Math.max(0, bound.costNano - Number(nano)),
  };
}

/** The highest cap under which the request needs no more than `room` of a limit; below zero when none does. */
function capWithin({ metric }: LimitRecord, room: number, bound: Bound, terms: OutputTerms): number {
  switch (metric) {
    case "output_tokens":
      return terms.assumed - Math.ceil((bound.outputTokens - room) / terms.candidates);
    case "total_tokens":
      return terms.assumed - Math.ceil((bound.inputTokens + bound.outputTokens - room) / terms.candidates);
    case "cost": {
      const excess = BigInt(bound.costNano) - BigInt(room);
      if (excess <= 0n) return terms.assumed;
      const each = BigInt(terms.candidates) * BigInt(terms.picoEach);
      if (each === 0n) return -1;
      return terms.assumed - Number((excess * 1000n + each - 1n) / each);
    }
    default:
      return needOf(metric, bound) <= room ? terms.assumed : -1;
  }
}

export type Verdict =
  | { fits: true; bound: Bound; cap: number | null; lowered: boolean }
  | {
      fits: false;
      /** Only what others hold stands in the way: it is worth waiting. */
      wait: boolean;
      standing: Standing;
      /** In the unit of the limit. */
      needed: number;
    };

export interface Question {
  bound: Bound;
  /** Null where the output cap cannot be changed. */
  output: OutputTerms | null;
  /** The cap to begin with: the client's, or a default. */
  cap: number;
  /** No cap is lowered below it; the cap itself where it may not be lowered. */
  least: number;
  /** Whether to wait for others rather than lower the cap. */
  patient: boolean;
}

/** A lowered cap takes so much of what it could beyond the floor, so that others who come find something left too. */
const SHARE = 4;
/** But rather all there is than less than this, which 97 answers in a hundred fit in: a cut answer is money lost. */
const ENOUGH_TOKENS = 4_096;

/** While others hold something, nobody takes more than this part of what is left: the next one need not wait then. */
const PART = 8;
const CAPPED: ReadonlySet<LimitMetric> = new Set<LimitMetric>(["output_tokens", "total_tokens", "cost"]);

/** The cap of a request that fits in full: lowered where it is not the only one and would take too much. */
function leavingRoom(standings: readonly Standing[], { bound, cap, least }: Question, output: OutputTerms): number {
  const parts = standings
    .filter(({ limit, held }) => held > 0 && CAPPED.has(limit.metric))
    .map(({ limit, amount, settled }) => capWithin(limit, Math.floor((amount - settled) / PART), bound, output));
  return Math.min(cap, Math.max(least, ENOUGH_TOKENS, Math.min(...parts)));
}

/**
 * Whether a request fits into every limit. One that does takes its whole cap, or a part of what is left where others are
 * under way. One that does not, but would if others held nothing, waits first; then its output cap is lowered to what
 * fits; the floor not fitting either, it is refused.
 */
export function judge(standings: readonly Standing[], question: Question): Verdict {
  const { output, cap } = question;
  const full = output === null ? question.bound : boundAt(question.bound, output, cap);
  const short = standings.filter((one) => !fits(one, needOf(one.limit.metric, full)));
  if (short.length === 0) {
    if (output === null) return { fits: true, bound: full, cap: null, lowered: false };
    const taken = leavingRoom(standings, question, output);
    return { fits: true, bound: boundAt(question.bound, output, taken), cap: taken, lowered: taken < cap };
  }

  const least = output === null ? full : boundAt(question.bound, output, Math.min(cap, question.least));
  const needed = (one: Standing) => needOf(one.limit.metric, least);
  const hopeless = short.find((one) => !fitsAlone(one, needed(one)));
  if (hopeless !== undefined) return { fits: false, wait: false, standing: hopeless, needed: needed(hopeless) };

  const othersHoldIt = short.every((one) => fitsAlone(one, needOf(one.limit.metric, full)));
  const tight = short.find((one) => !fits(one, needed(one)));
  if (tight !== undefined) return { fits: false, wait: true, standing: tight, needed: needed(tight) };
  const [first] = short as [Standing];
  if (output === null || (othersHoldIt && question.patient)) {
    return { fits: false, wait: true, standing: first, needed: needed(first) };
  }
  const rooms = short.map(({ limit, amount, settled, held }) =>
    capWithin(limit, amount - settled - held, question.bound, output),
  );
  const floor = Math.min(cap, question.least);
  const most = Math.min(cap, ...rooms);
  const lowered = Math.min(most, Math.max(ENOUGH_TOKENS, floor + Math.floor((most - floor) / SHARE)));
  return { fits: true, bound: boundAt(question.bound, output, lowered), cap: lowered, lowered: true };
}

/** When a window begins anew, or the bucket has room for `need`; null: never by itself. */
export function resetOf({ limit, amount }: Standing, need: number, figures: Figures, startedAt: number, now: number) {
  const { window, nodeId } = limit;
  if (window === "minute" || window === "hour") {
    const flow = { amount, windowMs: BUCKET_MS[window] };
    return fallsTo(figures.buckets.at(limit, now), flow, amount - need);
  }
  if (window === "day" || window === "week" || window === "month") {
    return dayAt(startedAt, figures.zoneOf(nodeId)).windows[window].until;
  }
  return null;
}

/** Why a request that did not fit is refused, once there is no more waiting. */
export function reasonOf({ limit, amount, settled }: Standing, needed: number): LimitRefusal["reason"] {
  if (settled + needed <= amount) return limit.window === "now" ? "concurrency" : "held";
  const flows = limit.window === "minute" || limit.window === "hour";
  return flows && needed <= amount ? "rate" : "exhausted";
}
