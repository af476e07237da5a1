const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
/** How many lines a chart has above zero. */
const LINES = 3;

/**
 * The values of a chart's gridlines above zero, the last of them at or above `maximum`: round numbers, whole where `whole`
 * asks for them. Of nothing the scale goes to the least that can be counted.
 */
export function gridValues(maximum: number, { whole = false }: { whole?: boolean } = {}): number[] {
  const least = whole ? 1 : 0;
  const wanted = Math.max(maximum / LINES, least) || 1 / LINES;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const fits = (step: number) => step * power >= wanted * (1 - 1e-9) && (!whole || Number.isInteger(step * power));
  const step = (STEPS.find(fits) ?? 10) * power;
  return Array.from({ length: LINES }, (_, index) => Number(((index + 1) * step).toPrecision(12)));
}

/** The largest value that must fit: of the sums of each bucket's parts, or of the single values, and of what is compared. */
export function largest(lists: readonly (readonly (number | null)[])[], stacked: boolean): number {
  let maximum = 0;
  const length = Math.max(0, ...lists.map((list) => list.length));
  for (let index = 0; index < length; index++) {
    let sum = 0;
    for (const list of lists) {
      const value = list[index] ?? 0;
      sum = stacked ? sum + Math.max(0, value) : Math.max(sum, value);
    }
    maximum = Math.max(maximum, sum);
  }
  return maximum;
}
