import type { Limit } from "../../api/limits.ts";
import { amountOfDraft } from "../../state/limit-draft.ts";

/** A limit's terms as they are being written. */
export interface LimitEdit {
  /** Dollars of a cost, else how many. */
  amount: string;
  mode: Limit["mode"];
  /** Percents, as `50, 80, 100`. */
  thresholds: string;
  fallbackPercent: string;
  /** Empty: none. */
  fallbackModel: string;
  /** Empty: none. */
  overrideAmount: string;
  /** As a field for a moment has it, by the reader's clocks. */
  overrideUntil: string;
}

const local = (iso: string): string => {
  const moment = new Date(iso);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

/** The terms that a limit has. */
export const editOfLimit = (limit: Limit): LimitEdit => ({
  amount: limit.amount_usd ?? String(limit.amount),
  mode: limit.mode,
  thresholds: limit.thresholds.join(", "),
  fallbackPercent: String(limit.fallback?.percent ?? 80),
  fallbackModel: limit.fallback?.model ?? "",
  overrideAmount: limit.override ? (limit.override.amount_usd ?? String(limit.override.amount)) : "",
  overrideUntil: limit.override ? local(limit.override.until) : "",
});

const numbers = (text: string): number[] =>
  text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);

/** Only what was written anew, under the API's names. */
export function changesOfEdit(before: LimitEdit, after: LimitEdit, metric: Limit["metric"]) {
  const differs = (...fields: (keyof LimitEdit)[]) => fields.some((field) => before[field] !== after[field]);
  const amount = (text: string) => amountOfDraft({ metric, amount: text });
  return {
    ...(differs("amount") ? amount(after.amount) : {}),
    ...(differs("mode") ? { mode: after.mode } : {}),
    ...(differs("thresholds") ? { thresholds: numbers(after.thresholds) } : {}),
    ...(differs("fallbackModel") || (after.fallbackModel && differs("fallbackPercent"))
      ? {
          fallback: after.fallbackModel.trim()
            ? { percent: Number(after.fallbackPercent), model: after.fallbackModel.trim() }
            : null,
        }
      : {}),
    ...(differs("overrideAmount", "overrideUntil")
      ? {
          override:
            after.overrideAmount.trim() === ""
              ? null
              : {
                  ...amount(after.overrideAmount),
                  until: after.overrideUntil ? new Date(after.overrideUntil).toISOString() : "",
                },
        }
      : {}),
  };
}

/** Whether the new amount is below what is used already: requests would be refused at once. */
export function bindsAtOnce(
  edit: LimitEdit,
  metric: Limit["metric"],
  used: { settled: number; settled_usd: string | null } | undefined,
): boolean {
  const wanted = amountOfDraft({ metric, amount: edit.amount });
  const amount = "amount_usd" in wanted ? Number(wanted.amount_usd) : wanted.amount;
  const settled = metric === "cost" ? Number(used?.settled_usd ?? 0) : (used?.settled ?? 0);
  return edit.mode === "block" && Number.isFinite(amount) && used !== undefined && settled > 0 && amount <= settled;
}
