import { t } from "../text/text.ts";
import type { ChartBucket } from "./chart.ts";

/** Why a bucket has less than others may: it goes on, or the period has a part of it only. Null: it is whole. */
export function incompleteWords({ complete, to }: Pick<ChartBucket, "complete" | "to">): string | null {
  if (complete) return null;
  return t(Date.parse(to) > Date.now() ? "common.chart.unfinished" : "common.chart.partly");
}
