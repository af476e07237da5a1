import type { Tone } from "./chart.ts";
import { assignSlots, type Slot } from "./slots.ts";

const KEPT = "series-colours";
/** So many ids are remembered; the oldest are forgotten. */
const MAXIMUM = 300;

function kept(): Map<string, Slot> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as [string, Slot][]);
  } catch {
    return new Map();
  }
}

/** The colours of a chart's series; each keeps its own on every page, as long as the reader is signed in. */
export function tonesOf(ids: readonly string[]): Map<string, Tone> {
  const known = kept();
  const before = known.size;
  const chosen = assignSlots(ids, known);
  if (known.size > before) sessionStorage.setItem(KEPT, JSON.stringify([...known].slice(-MAXIMUM)));
  return chosen;
}
