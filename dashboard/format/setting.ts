import { t } from "../text/text.ts";
import { count, money } from "./numbers.ts";

interface ModelAccess {
  mode: "all" | "listed";
  enabled: readonly string[];
  disabled: readonly string[];
}

/** Which models an organization allows, in few words. */
export const accessPhrase = ({ mode, enabled, disabled }: ModelAccess): string =>
  t("common.access", {
    mode: t(`common.accessModes.${mode}`),
    enabled: enabled.length,
    disabled: disabled.length,
  });

/** The words for a setting that nobody has set. */
export const NO_SETTING = "—";

/** A setting's value in words; those of models come as a list, the nearest organization first. */
export function settingPhrase(value: unknown): string {
  if (value === null || value === undefined) return NO_SETTING;
  if (typeof value === "boolean") return t(value ? "common.yes" : "common.no");
  if (value === "block") return t("common.limits.modes.block");
  if (typeof value === "number") return count(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map((one) => accessPhrase(one.value ?? one)).join(" · ") || NO_SETTING;
  const { cost_usd: usd, seconds } = value as { cost_usd: string; seconds: number };
  return t("common.allowance", { amount: money(usd), seconds });
}
