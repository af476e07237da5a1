import { Show } from "solid-js";
import { t } from "../../text/text.ts";
import { Select, TextField } from "../../ui/field.tsx";
import type { SettingsDraft } from "./settings-draft.ts";

/** What happens to requests while the Ledger is away, and how much of it. */
export function LedgerDownFields(props: {
  hint: string;
  disabled: boolean;
  draft: SettingsDraft;
  onChange: (change: Partial<SettingsDraft>) => void;
  errorOf: (field: string) => string | null;
}) {
  return (
    <>
      <Select
        label={t("settings.fields.on_ledger_down")}
        hint={props.hint}
        disabled={props.disabled}
        value={props.draft.ledgerDown}
        onChange={(event) => props.onChange({ ledgerDown: event.currentTarget.value as SettingsDraft["ledgerDown"] })}
        error={props.errorOf("settings.on_ledger_down")}
      >
        <option value="inherit">{t("settings.inherit")}</option>
        <option value="block">{t("settings.block")}</option>
        <option value="allow">{t("settings.allow")}</option>
      </Select>
      <Show when={props.draft.ledgerDown === "allow"}>
        <div class="grid gap-3 sm:grid-cols-2">
          <TextField
            label={t("settings.allowanceUsd")}
            inputmode="decimal"
            required
            value={props.draft.allowanceUsd}
            onInput={(event) => props.onChange({ allowanceUsd: event.currentTarget.value })}
            error={props.errorOf("settings.on_ledger_down.cost_usd")}
          />
          <TextField
            label={t("settings.allowanceSeconds")}
            inputmode="numeric"
            required
            value={props.draft.allowanceSeconds}
            onInput={(event) => props.onChange({ allowanceSeconds: event.currentTarget.value })}
            error={props.errorOf("settings.on_ledger_down.seconds")}
          />
        </div>
      </Show>
    </>
  );
}
