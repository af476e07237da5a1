/** The colours that parts of a chart have: six for what is named, one for the rest, and those that mean something. */
export type Tone = 1 | 2 | 3 | 4 | 5 | 6 | "other" | "ink" | "bad";

/** A step of time on a chart's axis. */
export interface ChartBucket {
  /** ISO moments. */
  from: string;
  to: string;
  /** False: it goes on, or the period has a part of it only. */
  complete: boolean;
  /** In full, for the tooltip and the table: `Tue, 24 Nov`. */
  name: string;
  /** For the axis: `24 Nov`. */
  short: string;
  /** The hour of the day that it begins with, by the period's clocks; null where buckets are days or longer. */
  hour: number | null;
}

/** One value for each bucket; null is a gap: nothing is known of it. */
export type ChartValues = readonly (number | null)[];

/** A part of a stack of bars, or a line. */
export interface ChartSeries {
  id: string;
  name: string;
  tone: Tone;
  /** Drawn as hatching: for what must stand out by more than its colour. */
  hatched?: boolean;
  values: ChartValues;
}

/** From where to where marks are drawn, in pixels of the chart. */
export interface Plot {
  left: number;
  top: number;
  width: number;
  height: number;
}
