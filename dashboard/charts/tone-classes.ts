import type { Tone } from "./chart.ts";

/** Classes of each tone: written out, for only what stands in the source is made. */
export const FILL: Record<Tone, string> = {
  1: "fill-series-1",
  2: "fill-series-2",
  3: "fill-series-3",
  4: "fill-series-4",
  5: "fill-series-5",
  6: "fill-series-6",
  other: "fill-series-other",
  ink: "fill-ink-2",
  bad: "fill-bad",
};

export const STROKE: Record<Tone, string> = {
  1: "stroke-series-1",
  2: "stroke-series-2",
  3: "stroke-series-3",
  4: "stroke-series-4",
  5: "stroke-series-5",
  6: "stroke-series-6",
  other: "stroke-series-other",
  ink: "stroke-ink-2",
  bad: "stroke-bad",
};

export const GROUND: Record<Tone, string> = {
  1: "bg-series-1",
  2: "bg-series-2",
  3: "bg-series-3",
  4: "bg-series-4",
  5: "bg-series-5",
  6: "bg-series-6",
  other: "bg-series-other",
  ink: "bg-ink-2",
  bad: "bg-bad",
};
