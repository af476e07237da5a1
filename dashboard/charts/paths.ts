import type { ChartValues, Plot } from "./chart.ts";

/** Pixels to a tenth: less cannot be seen, and makes paths long. */
const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Where the bar of a bucket stands: pixels from the chart's left edge. Bars of few pixels stand close. */
export function barOf(index: number, buckets: number, plot: Plot): { x: number; width: number } {
  const band = plot.width / Math.max(1, buckets);
  const gap = band >= 6 ? Math.min(12, band * 0.22) : band >= 3 ? 1 : 0;
  return { x: plot.left + index * band + gap / 2, width: band - gap };
}

/** The height on the chart of a value, `top` being the value at its upper edge. */
export const heightOf = (value: number, top: number, plot: Plot): number =>
  top > 0 ? plot.top + plot.height * (1 - value / top) : plot.top + plot.height;

/**
 * One path for each series of a stack, the first at the bottom. Negative values (corrections that outweigh what was used)
 * take no room.
 */
export function barPaths(series: readonly ChartValues[], top: number, plot: Plot): string[] {
  const buckets = Math.max(0, ...series.map((values) => values.length));
  const base = new Float64Array(buckets);
  // To write a number takes longer than anything else here: what several bars have in common is written once.
  const lefts = Array.from(base, (_, index) => `M${tenth(barOf(index, buckets, plot).x)} `);
  const across = `h${tenth(barOf(0, buckets, plot).width)}`;
  const edges: string[] = new Array(buckets).fill(`${tenth(heightOf(0, top, plot))}`);
  return series.map((values) => {
    let path = "";
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0;
      if (value <= 0) continue;
      const sum = (base[index] ?? 0) + value;
      const bottom = edges[index];
      const upper = `${tenth(heightOf(sum, top, plot))}`;
      base[index] = sum;
      edges[index] = upper;
      path += `${lefts[index]}${bottom}V${upper}${across}V${bottom}z`;
    }
    return path;
  });
}

/** A line through the middles of the buckets; it breaks where nothing is known. A value alone between gaps is a short dash. */
export function linePath(values: ChartValues, top: number, plot: Plot): string {
  const band = plot.width / Math.max(1, values.length);
  let path = "";
  let open = false;
  values.forEach((value, index) => {
    if (value === null) {
      open = false;
      return;
    }
    const [x, y] = [tenth(plot.left + (index + 0.5) * band), tenth(heightOf(value, top, plot))];
    const alone = !open && (values[index + 1] ?? null) === null;
    path += alone ? `M${tenth(x - 3)} ${y}h6` : `${open ? "L" : "M"}${x} ${y}`;
    open = true;
  });
  return path;
}

/** Of a line what leads to and from unfinished buckets, to be drawn in another way than what is certain. */
export function parted(values: ChartValues, complete: readonly boolean[]): { certain: ChartValues; open: ChartValues } {
  const isOpen = (index: number) => complete[index] === false;
  return {
    certain: values.map((value, index) => (isOpen(index) ? null : value)),
    open: values.map((value, index) => (isOpen(index) || isOpen(index - 1) || isOpen(index + 1) ? value : null)),
  };
}

/** Steps as wide as buckets: what stood there a period ago, over bars. */
export function stepPath(values: ChartValues, top: number, plot: Plot): string {
  const band = plot.width / Math.max(1, values.length);
  let path = "";
  let open = false;
  values.forEach((value, index) => {
    if (value === null) {
      open = false;
      return;
    }
    const y = tenth(heightOf(Math.max(0, value), top, plot));
    path += `${open ? "V" : `M${tenth(plot.left + index * band)} `}${y}H${tenth(plot.left + (index + 1) * band)}`;
    open = true;
  });
  return path;
}
