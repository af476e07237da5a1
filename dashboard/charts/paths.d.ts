import type { ChartValues, Plot } from "./chart.ts";
/** Where the bar of a bucket stands: pixels from the chart's left edge. Bars of few pixels stand close. */
export declare function barOf(
  index: number,
  buckets: number,
  plot: Plot,
): {
  x: number;
  width: number;
};
/** The height on the chart of a value, `top` being the value at its upper edge. */
export declare const heightOf: (value: number, top: number, plot: Plot) => number;
/**
 * One path for each series of a stack, the first at the bottom. Negative values (corrections that outweigh what was used)
 * take no room.
 */
export declare function barPaths(series: readonly ChartValues[], top: number, plot: Plot): string[];
/** A line through the middles of the buckets; it breaks where nothing is known. A value alone between gaps is a short dash. */
export declare function linePath(values: ChartValues, top: number, plot: Plot): string;
/** Steps as wide as buckets: what stood there a period ago, over bars. */
export declare function stepPath(values: ChartValues, top: number, plot: Plot): string;
