/**
 * Heights for labels that want to stand at `wanted`, at least `gap` apart and between `from` and `to`; their order stays
 * that of what they want. Where they do not all fit they stand evenly.
 */
export declare function spread(wanted: readonly number[], gap: number, from: number, to: number): number[];
