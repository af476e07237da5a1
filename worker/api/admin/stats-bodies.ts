import { usdFromNano } from "../../lib/money.ts";
import type { Figures } from "../../usage/stats/figures.ts";
import type { Latency } from "../../usage/stats/latency.ts";

/** Exact in any case: what no JSON number holds is told in digits. */
export const exact = (digits: bigint): number | string =>
  digits <= Number.MAX_SAFE_INTEGER && digits >= Number.MIN_SAFE_INTEGER ? Number(digits) : String(digits);

/** An amount of nano-USD, twice and exact both times. */
export const money = <Name extends string>(name: Name, nano: bigint) =>
  ({ [`${name}_nano`]: exact(nano), [`${name}_usd`]: usdFromNano(nano) }) as Record<`${Name}_nano`, number | string> &
    Record<`${Name}_usd`, string>;

const ratio = (part: bigint, whole: bigint): number | null => (whole > 0n ? Number(part) / Number(whole) : null);

const inputOf = (sums: Figures): bigint =>
  BigInt(sums.input_uncached) + BigInt(sums.cache_read) + BigInt(sums.cache_write);

/** Sums as the API shows them. Ratios and averages of nothing are null. */
export function figuresBody(sums: Figures) {
  const [requests, errors] = [BigInt(sums.requests), BigInt(sums.errors)];
  const [uncached, read, write] = [BigInt(sums.input_uncached), BigInt(sums.cache_read), BigInt(sums.cache_write)];
  const [input, output] = [inputOf(sums), BigInt(sums.output)];
  const duration = ratio(BigInt(sums.duration_ms), requests);
  return {
    requests: exact(requests),
    errors: exact(errors),
    error_rate: ratio(errors, requests),
    /** Requests whose tokens are not the provider's own figures. */
    estimated: exact(BigInt(sums.estimated)),
    tokens: {
      input_uncached: exact(uncached),
      cache_read: exact(read),
      cache_write: exact(write),
      output: exact(output),
      reasoning: exact(BigInt(sums.reasoning)),
      total: exact(input + output),
    },
    ...money("cost", BigInt(sums.cost_nano)),
    ...money("list_cost", BigInt(sums.list_cost_nano)),
    /** The part of the input that was read from a prompt cache. */
    cache_share: ratio(read, input),
    duration_ms_average: duration === null ? null : Math.round(duration),
  };
}

/** What a series tells of each group, of exact sums. */
const METRICS = {
  cost: (sums: Figures) => BigInt(sums.cost_nano),
  requests: (sums: Figures) => BigInt(sums.requests),
  errors: (sums: Figures) => BigInt(sums.errors),
  tokens: (sums: Figures) => inputOf(sums) + BigInt(sums.output),
  input: inputOf,
  cache_read: (sums: Figures) => BigInt(sums.cache_read),
  cache_write: (sums: Figures) => BigInt(sums.cache_write),
  output: (sums: Figures) => BigInt(sums.output),
  reasoning: (sums: Figures) => BigInt(sums.reasoning),
};

type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as [MetricName, ...MetricName[]];

/** Some metrics of groups, each as a list in the groups' order. */
export const metricsBody = (names: readonly MetricName[], groups: readonly Figures[]) =>
  Object.fromEntries(names.map((name) => [name, groups.map((sums) => exact(METRICS[name](sums)))])) as Partial<
    Record<MetricName, (number | string)[]>
  >;

/** Percentiles in milliseconds, and of how many requests they are. */
export const latencyBody = ({ duration, ttft, requests, sampled }: Latency) => ({
  duration_ms: duration,
  ttft_ms: ttft,
  requests,
  /** Taken of one request in 32. */
  sampled,
});
