import type { Group } from "../api/stats.ts";

/** What a group is: a value of a dimension, the rest, or what has none. */
export type Label = Pick<Group, "kind" | "value" | "name" | "email">;

/** `tag:team`: by the values of a tag. */
export const TAG = "tag:";

/** Tells groups of one dimension apart. */
export const groupId = ({ kind, value }: Label): string => (kind === "value" ? `${value}` : `:${kind}`);

/** What narrows the log to a group, as its page takes it; null where nothing can: the rest, and what has no value. */
export function groupFilter(by: string, { kind, value }: Label): [name: string, value: string] | null {
  if (kind !== "value" || value === null) return null;
  if (by.startsWith(TAG)) return ["tag", `${by.slice(TAG.length)}:${value}`];
  return [by === "organization" ? "org" : by, value];
}
