import type { Limit } from "../api/limits.ts";

/** A limit as it is being written. */
export interface LimitDraft {
  metric: Limit["metric"];
  window: Exclude<Limit["window"], "now">;
  /** As written: dollars of a cost, else how many. */
  amount: string;
  mode: Limit["mode"];
}

export const newDraft = (): LimitDraft => ({ metric: "cost", window: "month", amount: "", mode: "block" });

/** The amount under the API's name for it; what is no number goes as it is, for the API to refuse with its reason. */
export const amountOfDraft = ({ metric, amount }: Pick<LimitDraft, "metric" | "amount">) =>
  metric === "cost"
    ? { amount_usd: amount.trim().replace(/^\$/, "") }
    : { amount: amount.trim() === "" ? Number.NaN : Number(amount.replace(/[\s,_]/g, "")) };

/** The body of a new limit. */
export const limitOfDraft = (draft: LimitDraft) => ({
  metric: draft.metric,
  window: draft.metric === "concurrent_requests" ? ("now" as const) : draft.window,
  mode: draft.mode,
  ...amountOfDraft(draft),
});
