import type { Group } from "../api/stats.ts";
import type { Tone } from "../charts/chart.ts";
import { tonesOf } from "../charts/tones.ts";
import { t } from "../text/text.ts";

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

type Label = Pick<Group, "kind" | "value" | "name" | "email">;

/** Tells groups of one dimension apart. */
export const groupId = ({ kind, value }: Label): string => (kind === "value" ? `${value}` : `:${kind}`);

/** What a group is called: by its name, or its id where that is gone or not the reader's to see. */
export function groupName({ kind, value, name, email }: Label): string {
  if (kind === "other") return t("common.other");
  if (kind === "unattributed") return t("common.unattributed");
  return name || email || value || "—";
}

/** The colours of groups: their own, and one for the rest. */
export function groupTones(groups: readonly Label[]): Map<string, Tone> {
  const tones = tonesOf(groups.filter(({ kind }) => kind === "value").map(groupId));
  for (const group of groups) if (group.kind !== "value") tones.set(groupId(group), "other");
  return tones;
}

/** What narrows the log to a group, as its page takes it; null where nothing can: the rest, and what has no value. */
export function groupFilter(by: string, { kind, value }: Label): [name: string, value: string] | null {
  if (kind !== "value" || value === null) return null;
  if (by.startsWith("tag:")) return ["tag", `${by.slice("tag:".length)}:${value}`];
  return [by === "organization" ? "org" : by, value];
}
