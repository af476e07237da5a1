import type { Plot } from "./chart.ts";
/** From one bucket to another, both included. */
export interface Span {
  from: number;
  to: number;
}
/** The bucket at a pixel of the chart, the nearest where it is beside the plot; -1 where there are none. */
export declare function bucketAt(x: number, buckets: number, plot: Plot): number;
/** The buckets between two, in whichever order they were named. */
export declare const spanOf: (one: number, other: number) => Span;
/** The pixels that a span covers. */
export declare const spanPixels: (
  { from, to }: Span,
  buckets: number,
  plot: Plot,
) => {
  x: number;
  width: number;
};
/** Where a key of the keyboard leads to from a bucket; null: it is none that moves. A tenth of the chart by Page keys. */
export declare function moved(key: string, at: number, buckets: number): number | null;
