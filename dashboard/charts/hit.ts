import type { Plot } from "./chart.ts";

/** From one bucket to another, both included. */
export interface Span {
  from: number;
  to: number;
}

/** The bucket at a pixel of the chart, the nearest where it is beside the plot; -1 where there are none. */
export function bucketAt(x: number, buckets: number, plot: Plot): number {
  if (buckets === 0 || plot.width <= 0) return -1;
  return Math.max(0, Math.min(buckets - 1, Math.floor(((x - plot.left) / plot.width) * buckets)));
}

/** The buckets between two, in whichever order they were named. */
export const spanOf = (one: number, other: number): Span => ({ from: Math.min(one, other), to: Math.max(one, other) });

/** The pixels that a span covers. */
export const spanPixels = ({ from, to }: Span, buckets: number, plot: Plot): { x: number; width: number } => ({
  x: plot.left + (from / buckets) * plot.width,
  width: ((to - from + 1) / buckets) * plot.width,
});

/** Where a key of the keyboard leads to from a bucket; null: it is none that moves. A tenth of the chart by Page keys. */
export function moved(key: string, at: number, buckets: number): number | null {
  const leap = Math.max(1, Math.round(buckets / 10));
  const to = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageDown: at - leap,
    PageUp: at + leap,
    Home: 0,
    End: buckets - 1,
  }[key];
  return to === undefined ? null : Math.max(0, Math.min(buckets - 1, to));
}
