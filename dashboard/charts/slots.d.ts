/** A colour of a series. */
export type Slot = 1 | 2 | 3 | 4 | 5 | 6;
/**
 * A colour for each id of one chart. An id keeps the colour that `known` has of it, and begins with one by its hash; where
 * another of the same chart has that one already it takes the next that is free. What was chosen is written to `known`, but
 * never over what an id was known by.
 */
export declare function assignSlots(ids: readonly string[], known: Map<string, Slot>): Map<string, Slot>;
