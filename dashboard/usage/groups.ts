import { t } from "../text/text.ts";
import { type Label, TAG } from "./group.ts";

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

/** `model`, `tag:team` in words: what a column of its values is headed by. */
export const dimensionName = (by: string): string =>
  by.startsWith(TAG) ? by.slice(TAG.length) : t(`common.groups.${by as GroupBy}`);

/** `Spend by model`. */
export const inParts = (metric: string, by: string): string =>
  t("common.inParts", {
    metric,
    by: by.startsWith(TAG) ? t("common.byTag", { tag: by.slice(TAG.length) }) : t(`common.by.${by as GroupBy}`),
  });
