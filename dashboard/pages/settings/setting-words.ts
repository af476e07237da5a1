import { money } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import type { Organization } from "./settings-draft.ts";

/** A setting's value as people say it. */
function valueWords(value: unknown): string {
  if (value === null) return t("settings.unset");
  if (typeof value === "boolean") return t(value ? "settings.yes" : "settings.no");
  if (value === "block") return t("settings.block");
  if (typeof value !== "object") return String(value);
  const { cost_usd: cost, seconds } = value as { cost_usd: string; seconds: number };
  return t("settings.allowance", { amount: money(cost), seconds });
}

/** What holds for an organization, and where that comes from. */
export function settingWords(
  { id, effective }: Organization,
  setting: keyof Organization["effective"],
  nameOf: (organization: string) => string | undefined,
): string {
  const { value, source } = effective[setting] as { value: unknown; source: string };
  const from =
    source === "default" ? t("settings.default") : source === id ? t("settings.here") : (nameOf(source) ?? source);
  return t("settings.holds", { value: valueWords(value), source: from });
}
