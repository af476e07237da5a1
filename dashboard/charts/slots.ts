/** A colour of a series. */
export type Slot = 1 | 2 | 3 | 4 | 5 | 6;
const SLOTS = 6;

/** FNV-1a: short, and spreads names that differ in a letter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/**
 * A colour for each id of one chart. An id keeps the colour that `known` has of it, and begins with one by its hash; where
 * another of the same chart has that one already it takes the next that is free. What was chosen is written to `known`, but
 * never over what an id was known by.
 */
export function assignSlots(ids: readonly string[], known: Map<string, Slot>): Map<string, Slot> {
  const chosen = new Map<string, Slot>();
  const taken = new Set<Slot>();
  const take = (id: string, slot: Slot) => {
    chosen.set(id, slot);
    taken.add(slot);
  };
  const isFree = (slot: Slot) => !taken.has(slot) || taken.size >= SLOTS;
  for (const id of ids) {
    const slot = known.get(id);
    if (slot !== undefined && isFree(slot)) take(id, slot);
  }
  for (const id of ids) {
    if (chosen.has(id)) continue;
    const first = hash(id) % SLOTS;
    const tried = Array.from({ length: SLOTS }, (_, step) => (((first + step) % SLOTS) + 1) as Slot);
    const slot = tried.find(isFree) ?? (1 as Slot);
    take(id, slot);
    if (!known.has(id)) known.set(id, slot);
  }
  return chosen;
}
