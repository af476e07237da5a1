import type { Tone } from "../charts/chart.ts";
import { tonesOf } from "../charts/tones.ts";
import { groupId, type Label } from "./group.ts";

/** So many colours can be told apart. */
const COLOURS = 6;

/** The colours of groups: their own, and one for the rest and for all after the first six. */
export function groupTones(groups: readonly Label[]): Map<string, Tone> {
  const named = groups.filter(({ kind }) => kind === "value");
  const tones = tonesOf(named.slice(0, COLOURS).map(groupId));
  for (const group of groups) if (!tones.has(groupId(group))) tones.set(groupId(group), "other");
  return tones;
}
