import { For } from "solid-js";
import { density, setDensity } from "../../state/preferences.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Check } from "../../ui/field.tsx";
import { COLUMNS, DEFAULT_COLUMNS } from "./log-columns.tsx";

const DENSITIES = ["normal", "compact", "cosy"] as const;

export interface ColumnChoiceProps {
  columns: readonly string[];
  onChange: (columns: readonly string[]) => void;
}

/** What is ticked is shown; the order is always the same. */
export function ColumnChoice(props: ColumnChoiceProps) {
  const toggle = (id: string) =>
    props.onChange(COLUMNS.map((column) => column.id).filter((one) => (one === id) !== props.columns.includes(one)));
  return (
    <>
      <fieldset class="space-y-1.5">
        <legend class="caps mb-1">{t("logs.tools.columns")}</legend>
        <For each={COLUMNS}>
          {({ id, name }) => (
            <Check
              label={t(name)}
              checked={props.columns.includes(id)}
              disabled={id === "time"}
              onChange={() => toggle(id)}
            />
          )}
        </For>
      </fieldset>
      <fieldset class="mt-4 space-y-1.5">
        <legend class="caps mb-1">{t("logs.tools.density")}</legend>
        <For each={DENSITIES}>
          {(value) => (
            <label class="flex min-h-6 items-center gap-2.5 text-table">
              <input
                type="radio"
                name="density"
                class="size-4 accent-accent"
                checked={density() === value}
                onChange={() => setDensity(value)}
              />
              {t(`logs.tools.densities.${value}`)}
            </label>
          )}
        </For>
      </fieldset>
      <Button look="plain" class="mt-4 w-full" onClick={() => props.onChange(DEFAULT_COLUMNS)}>
        {t("logs.tools.reset")}
      </Button>
    </>
  );
}
