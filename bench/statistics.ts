/** The p-quantile (0 to 1) of figures in any order, interpolated; NaN of none. */
export function quantile(figures: readonly number[], p: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export const median = (figures: readonly number[]): number => quantile(figures, 0.5);

export const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

/** A figure as it is told: the median of the rounds, and how far they lay apart. */
export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

export const spread = (figures: readonly number[]): Spread => ({
  median: median(figures),
  lowest: Math.min(...figures),
  highest: Math.max(...figures),
});
