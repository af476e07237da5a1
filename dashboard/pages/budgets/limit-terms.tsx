import { Show } from "solid-js";
import type { Limit } from "../../api/limits.ts";
import type { Form } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Select, TextField } from "../../ui/field.tsx";
import type { LimitEdit } from "./limit-edit.ts";

/** The API's names of what these fields write. */
export const TERM_FIELDS = [
  "amount",
  "amount_usd",
  "mode",
  "thresholds",
  "fallback.model",
  "fallback.percent",
  "override.amount",
  "override.amount_usd",
  "override.until",
];

/** Amount, what happens then, alerts, a cheaper model before it, and another amount for a while. */
export function LimitTerms(props: {
  metric: Limit["metric"];
  edit: LimitEdit;
  onChange: (change: Partial<LimitEdit>) => void;
  form: Form;
}) {
  const amountLabel = () => t(props.metric === "cost" ? "common.limits.amountUsd" : "common.limits.amount");
  const error = (...fields: string[]) => fields.map(props.form.errorOf).find(Boolean) ?? null;
  return (
    <>
      <div class="grid gap-3 sm:grid-cols-2">
        <TextField
          label={amountLabel()}
          inputmode="decimal"
          required
          value={props.edit.amount}
          onInput={(event) => props.onChange({ amount: event.currentTarget.value })}
          error={error("amount", "amount_usd")}
        />
        <Select
          label={t("common.limits.mode")}
          value={props.edit.mode}
          onChange={(event) => props.onChange({ mode: event.currentTarget.value as Limit["mode"] })}
          error={error("mode")}
        >
          <option value="block">{t("common.limits.modes.block")}</option>
          <option value="warn">{t("common.limits.modes.warn")}</option>
        </Select>
      </div>
      <TextField
        label={t("budgets.thresholds")}
        hint={t("budgets.thresholdsHint")}
        value={props.edit.thresholds}
        onInput={(event) => props.onChange({ thresholds: event.currentTarget.value })}
        error={error("thresholds")}
      />
      <fieldset>
        <legend class="text-table font-medium">{t("budgets.fallbackTitle")}</legend>
        <div class="mt-1 grid gap-3 sm:grid-cols-[1fr_8rem]">
          <TextField
            label={t("budgets.fallbackModel")}
            hint={t("budgets.fallbackHint")}
            value={props.edit.fallbackModel}
            onInput={(event) => props.onChange({ fallbackModel: event.currentTarget.value })}
            error={error("fallback.model")}
          />
          <TextField
            label={t("budgets.fallbackPercent")}
            type="number"
            min="1"
            max="100"
            value={props.edit.fallbackPercent}
            onInput={(event) => props.onChange({ fallbackPercent: event.currentTarget.value })}
            error={error("fallback.percent")}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend class="text-table font-medium">{t("budgets.overrideTitle")}</legend>
        <div class="mt-1 grid gap-3 sm:grid-cols-2">
          <TextField
            label={amountLabel()}
            hint={t("budgets.overrideHint")}
            inputmode="decimal"
            value={props.edit.overrideAmount}
            onInput={(event) => props.onChange({ overrideAmount: event.currentTarget.value })}
            error={error("override.amount", "override.amount_usd")}
          />
          <Show when={props.edit.overrideAmount.trim() !== ""}>
            <TextField
              label={t("budgets.until")}
              type="datetime-local"
              required
              value={props.edit.overrideUntil}
              onInput={(event) => props.onChange({ overrideUntil: event.currentTarget.value })}
              error={error("override.until")}
            />
          </Show>
        </div>
      </fieldset>
    </>
  );
}
