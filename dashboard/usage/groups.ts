import type { Tone } from "../charts/chart.ts";
import { tonesOf } from "../charts/tones.ts";
import { t } from "../text/text.ts";
import { groupId, type Label, TAG } from "./group.ts";

/** What usage may be told apart by. */
export const GROUPS = [
  "model",
  "provider",
  "key",
  "organization",
  "member",
  "route",
  "client",
  "agent",
  "session",
  "end_user",
  "status",
  "outcome",
  "error_code",
  "dialect",
] as const;
export type GroupBy = (typeof GROUPS)[number];

/** What a group is called: by its name, or its id where that is gone or not the reader's to see. */
export function groupName({ kind, value, name, email }: Label): string {
  if (kind === "other") return t("common.other");
  if (kind === "unattributed") return t("common.unattributed");
  return name || email || value || "—";
}

/** So many colours can be told apart. */
const COLOURS = 6;

/** The colours of groups: their own, and one for the rest and for all after the first six. */
export function groupTones(groups: readonly Label[]): Map<string, Tone> {
  const named = groups.filter(({ kind }) => kind === "value");
  const tones = tonesOf(named.slice(0, COLOURS).map(groupId));
  for (const group of groups) if (!tones.has(groupId(group))) tones.set(groupId(group), "other");
  return tones;
}

/** `model`, `tag:team` in words: what a column of its values is headed by. */
export const dimensionName = (by: string): string =>
  by.startsWith(TAG) ? by.slice(TAG.length) : t(`common.groups.${by as GroupBy}`);

/** `Spend by model`. */
export const inParts = (metric: string, by: string): string =>
  t("common.inParts", {
    metric,
    by: by.startsWith(TAG) ? t("common.byTag", { tag: by.slice(TAG.length) }) : t(`common.by.${by as GroupBy}`),
  });
