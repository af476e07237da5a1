const HOUR_STEPS = [1, 2, 3, 4, 6, 12, 24];

/**
 * Which buckets get a word on the axis, at least `gap` pixels apart. Hours at round hours of the day; days and longer ones
 * counted from the last, so that the newest is named.
 */
export function axisTicks(hours: readonly (number | null)[], width: number, gap: number): number[] {
  const band = width / Math.max(1, hours.length);
  if (band === 0) return [];
  const every = Math.max(1, Math.ceil(gap / band));
  if (hours.some((hour) => hour === null))
    return hours.flatMap((_, index) => ((hours.length - 1 - index) % every === 0 ? [index] : []));
  const step = HOUR_STEPS.find((hoursApart) => hoursApart * band >= gap) ?? 24;
  const round = hours.flatMap((hour, index) => (hour !== null && hour % step === 0 ? [index] : []));
  // Of many days every second, third … midnight.
  let last = Number.NEGATIVE_INFINITY;
  return round.filter((index) => {
    if ((index - last) * band < gap) return false;
    last = index;
    return true;
  });
}
