import type { Figures, Series } from "../api/stats.ts";
import { count, duration, money, percent, shortCount, shortDuration, shortMoney } from "../format/numbers.ts";
import { t } from "../text/text.ts";

type Point = Series["data"][number];

/** Whether more of it is good, bad, or neither: only then a change has a colour. */
export type Direction = "good" | "bad" | null;

export interface Metric {
  id: MetricId;
  /** Parts add up to the whole: bars on each other. Rates and latency are lines of the whole. */
  parts: boolean;
  /** By what the API ranks groups for it. */
  rank: "cost" | "requests" | "tokens" | "errors";
  up: Direction;
  /** Of a sum; null where there is none. Money in USD. */
  of: (figures: Figures) => number | null;
  /** Of a sum, in words and exact. */
  text: (figures: Figures) => string;
  /** Lines, by their name: of the whole, one for each bucket. */
  lines?: Record<string, (point: Point) => number | null>;
  /** A value that was drawn, in words. */
  format: (value: number) => string;
  /** A few letters, for an axis. */
  short: (value: number) => string;
  /** A change of it: of a rate in points, else in per cent. */
  change: "relative" | "points";
  whole: boolean;
}

export const METRIC_IDS = [
  "cost",
  "requests",
  "tokens",
  "input",
  "output",
  "cache_read",
  "reasoning",
  "errors",
  "error_rate",
  "cache_share",
  "latency",
  "ttft",
] as const;
export type MetricId = (typeof METRIC_IDS)[number];

const NANO = 1e9;
/** Nano-USD as USD, for drawing; what is written exactly comes from the API's own strings. */
const usdOfNano = (nano: number | string): number => Number(nano) / NANO;

const counted = (
  id: MetricId,
  rank: Metric["rank"],
  of: (figures: Figures) => number | string,
  up: Direction = null,
): Metric => ({
  ...{ id, rank, up, parts: true, format: count, short: shortCount, change: "relative", whole: true },
  of: (figures) => Number(of(figures)),
  text: (figures) => count(of(figures)),
});

const rate = (id: "error_rate" | "cache_share", rank: Metric["rank"], up: Direction): Metric => ({
  ...{ id, rank, up, parts: false, format: percent, short: percent, change: "points", whole: false },
  of: (figures) => figures[id],
  text: (figures) => percent(figures[id]),
  lines: { [id]: (point) => point[id] },
});

const percentiles = (id: "latency" | "ttft", name: "duration_ms" | "ttft_ms"): Metric => ({
  ...{ id, rank: "requests", up: "bad", parts: false, format: duration, short: shortDuration, change: "relative" },
  whole: false,
  // Groups have no percentiles of their own, only the mean of how long they took.
  of: ({ duration_ms_average }) => duration_ms_average,
  text: ({ duration_ms_average }) => (duration_ms_average === null ? "—" : duration(duration_ms_average)),
  lines: {
    p50: ({ latency }) => latency?.[name].p50 ?? null,
    p95: ({ latency }) => latency?.[name].p95 ?? null,
    p99: ({ latency }) => latency?.[name].p99 ?? null,
  },
});

const METRICS: Record<MetricId, Metric> = {
  cost: {
    ...{ id: "cost", rank: "cost", up: null, parts: true, short: shortMoney, change: "relative", whole: false },
    of: ({ cost_nano }) => usdOfNano(cost_nano),
    text: ({ cost_usd }) => money(cost_usd),
    format: (value) => money(String(value)),
  },
  requests: counted("requests", "requests", ({ requests }) => requests),
  tokens: counted("tokens", "tokens", ({ tokens }) => tokens.total),
  input: counted(
    "input",
    "tokens",
    ({ tokens }) => Number(tokens.input_uncached) + Number(tokens.cache_read) + Number(tokens.cache_write),
  ),
  output: counted("output", "tokens", ({ tokens }) => tokens.output),
  cache_read: counted("cache_read", "tokens", ({ tokens }) => tokens.cache_read),
  reasoning: counted("reasoning", "tokens", ({ tokens }) => tokens.reasoning),
  errors: counted("errors", "errors", ({ errors }) => errors, "bad"),
  error_rate: rate("error_rate", "errors", "bad"),
  cache_share: rate("cache_share", "tokens", "good"),
  latency: percentiles("latency", "duration_ms"),
  ttft: percentiles("ttft", "ttft_ms"),
};

export const metric = (id: MetricId): Metric => METRICS[id];
export const metricName = (id: MetricId): string => t(`common.metrics.${id}`);

/** What a metric has of a group in a bucket, as the API tells it in `parts`. */
export const partValue = (id: MetricId, value: number | string): number =>
  id === "cost" ? usdOfNano(value) : Number(value);
