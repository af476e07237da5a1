import type { LimitRecord } from "../canonical/tenant.ts";
import { BUCKET_MS, fallsTo } from "./bucket.ts";
import type { LimitStatus } from "./contract.ts";
import { type Figures, standingOf } from "./limit-check.ts";
import { dayAt } from "./windows.ts";

/** How a limit stands now, for people. */
export function statusOf(limit: LimitRecord, figures: Figures, now: number): LimitStatus {
  const { amount, settled, held } = standingOf(limit, figures, now, now);
  const lowest = limit.thresholds[0] ?? 100;
  const warned = amount > 0 && settled * 100 >= amount * lowest;
  const state = settled >= amount && limit.window !== "now" ? "exhausted" : warned ? "warned" : "ok";
  return { limit, amount, settled, held, state, ...windowAt(limit, amount, figures, now) };
}

function windowAt({ window, nodeId, ...limit }: LimitRecord, amount: number, figures: Figures, now: number) {
  if (window === "day" || window === "week" || window === "month") {
    const { from, until } = dayAt(now, figures.zoneOf(nodeId)).windows[window];
    return { startedAt: from, resetsAt: until };
  }
  if (window === "minute" || window === "hour") {
    const bucket = figures.buckets.at({ window, nodeId, ...limit }, now);
    const full = bucket.debt === 0 ? null : fallsTo(bucket, { amount, windowMs: BUCKET_MS[window] }, 0);
    return { startedAt: null, resetsAt: full };
  }
  return { startedAt: null, resetsAt: null };
}
