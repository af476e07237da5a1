import type { JSX } from "solid-js";
import type { ChartBucket, ChartSeries, ChartValues } from "./chart.ts";

export interface TimeChartProps {
  /** What it shows, for those who hear it: `Spend by model`. */
  label: string;
  /** What is counted in which steps: `USD a day`. */
  unit: string;
  /** Bars stand on each other: their values are parts. Lines do not. */
  look: "bars" | "lines";
  buckets: readonly ChartBucket[];
  series: readonly ChartSeries[];
  /** The period before, bucket for bucket: of bars their sum. */
  previous?: ChartValues;
  /** Exact enough to be read in a table. */
  format: (value: number) => string;
  /** A few letters, for the axis. */
  formatShort: (value: number) => string;
  /** Only whole numbers stand at the gridlines. */
  whole?: boolean;
  /** Pixels of the drawing, the axis included; it never changes with what is shown. */
  height?: number;
  /** Names of series at the right edge, where there is room for them. */
  named?: boolean;
  /** A span was chosen, by dragging or by Shift and arrows; both buckets included. */
  onSelect?: (from: number, to: number) => void;
  /** Back to where it was before a span was chosen; left away where there is no way back. */
  onReset?: () => void;
  /** Controls beside its own. */
  aside?: JSX.Element;
}
