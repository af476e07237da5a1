import { createMemo } from "solid-js";
import { useChoice, useParam } from "../../state/address.ts";
import { periodOf } from "../../state/period.ts";
import type { Scope } from "../../state/scope.ts";
import { BUCKETS, type Bucket, bestBucket, bucketsFor } from "../../usage/buckets.ts";
import { GROUPS } from "../../usage/groups.ts";
import { METRIC_IDS, metric } from "../../usage/metrics.ts";

/** How many groups stand for themselves: in a chart, and in a table. */
export const PARTS = ["6", "4", "3", "2"] as const;
export const ROWS = ["10", "25", "50", "100"] as const;

const isGroup = (name: string) => (GROUPS as readonly string[]).includes(name) || /^tag:./.test(name);

/** What of usage is looked at, and in which parts: all of it stands in the address. */
export function useUsageView(scope: Scope) {
  const [metricId, setMetric] = useChoice("metric", METRIC_IDS);
  const [groupParam, setGroup] = useParam("group", "model");
  const [subParam, setSub] = useParam("sub");
  const [bucketParam, setBucket] = useParam("bucket");
  const [parts, setParts] = useChoice("top", PARTS);
  const [rows, setRows] = useChoice("rows", ROWS);
  const [cumulative, setCumulative] = useChoice("cum", ["off", "on"]);

  const group = () => (isGroup(groupParam()) ? groupParam() : "model");
  const sub = () => (isGroup(subParam()) && subParam() !== group() ? subParam() : "");
  const length = createMemo(() => {
    const { from, to } = periodOf(scope.from(), scope.to(), Date.now());
    return to - from;
  });
  const buckets = createMemo<Bucket[]>(() => bucketsFor(length()));
  const bucket = (): Bucket =>
    BUCKETS.find((name) => name === bucketParam() && buckets().includes(name)) ?? bestBucket(length());
  const base = createMemo(() => ({
    ...scope.query(),
    ...(scope.compare() === "previous" ? { compare: "previous" } : {}),
  }));
  return {
    ...{
      metricId,
      setMetric,
      group,
      setGroup,
      sub,
      setSub,
      bucket,
      setBucket,
      buckets,
      parts,
      setParts,
      rows,
      setRows,
    },
    ...{ cumulative, setCumulative, base },
    /** Of `/api/stats/series`. */
    series: (tab: string) => {
      const known = metric(metricId());
      return {
        ...{ ...base(), bucket: bucket() },
        ...(known.parts
          ? { group: group(), metric: metricId(), by: known.rank, top: tab === "explore" ? parts() : PARTS[0] }
          : {}),
        ...(metricId() === "latency" || metricId() === "ttft" ? { latency: "true" } : {}),
      };
    },
    /** Of `/api/stats/breakdown`. Under a trend stand the groups of its chart. */
    breakdown: (tab: string) => ({
      ...{ ...base(), group: group(), by: metric(metricId()).rank, top: tab === "trend" ? PARTS[0] : rows() },
      ...(tab !== "trend" && sub() ? { sub: sub() } : {}),
    }),
  };
}

export type UsageView = ReturnType<typeof useUsageView>;
