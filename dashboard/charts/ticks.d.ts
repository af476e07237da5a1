/**
 * Which buckets get a word on the axis, at least `gap` pixels apart. Hours at round hours of the day; days and longer ones
 * counted from the last, so that the newest is named.
 */
export declare function axisTicks(hours: readonly (number | null)[], width: number, gap: number): number[];
