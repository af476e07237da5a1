import { For } from "solid-js";
import { METRICS, WINDOWS } from "../api/limits.ts";
import type { LimitDraft } from "../state/limit-draft.ts";
import { t } from "../text/text.ts";
import { Select, TextField } from "../ui/field.tsx";

/** What is limited, to how much, within which time, and what happens then: the fields of a new limit. */
export function LimitFields(props: {
  draft: LimitDraft;
  onChange: (draft: LimitDraft) => void;
  errorOf?: (field: string) => string | null;
  /** What it is stays, once it stands. */
  fixed?: boolean;
}) {
  const error = (field: string) => props.errorOf?.(field) ?? null;
  return (
    <div class="grid gap-3 sm:grid-cols-2">
      <Select
        label={t("common.limits.metric")}
        value={props.draft.metric}
        disabled={props.fixed}
        onChange={(event) =>
          props.onChange({ ...props.draft, metric: event.currentTarget.value as LimitDraft["metric"] })
        }
        error={error("metric")}
      >
        <For each={METRICS}>{(metric) => <option value={metric}>{t(`common.limits.metrics.${metric}`)}</option>}</For>
      </Select>
      <Select
        label={t("common.limits.window")}
        value={props.draft.metric === "concurrent_requests" ? "now" : props.draft.window}
        disabled={props.fixed || props.draft.metric === "concurrent_requests"}
        onChange={(event) =>
          props.onChange({ ...props.draft, window: event.currentTarget.value as LimitDraft["window"] })
        }
        error={error("window")}
      >
        <For each={props.draft.metric === "concurrent_requests" ? (["now"] as const) : WINDOWS}>
          {(window) => <option value={window}>{t(`common.limits.windows.${window}`)}</option>}
        </For>
      </Select>
      <TextField
        label={props.draft.metric === "cost" ? t("common.limits.amountUsd") : t("common.limits.amount")}
        inputmode="decimal"
        required
        value={props.draft.amount}
        onInput={(event) => props.onChange({ ...props.draft, amount: event.currentTarget.value })}
        error={error("amount_usd") ?? error("amount")}
      />
      <Select
        label={t("common.limits.mode")}
        value={props.draft.mode}
        onChange={(event) => props.onChange({ ...props.draft, mode: event.currentTarget.value as LimitDraft["mode"] })}
        error={error("mode")}
      >
        <option value="block">{t("common.limits.modes.block")}</option>
        <option value="warn">{t("common.limits.modes.warn")}</option>
      </Select>
    </div>
  );
}
