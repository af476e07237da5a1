import { For } from "solid-js";
import { Section } from "../../components/section.tsx";
import { density, setDensity, setSingleKeys, singleKeys } from "../../state/preferences.ts";
import { keysAsWritten } from "../../state/shortcuts.ts";
import { chosenTheme, setTheme, THEMES } from "../../state/theme.ts";
import { LOCALES, type Locale, locale, setLocale, t } from "../../text/text.ts";
import { Check, Select } from "../../ui/field.tsx";

const DENSITIES = ["normal", "compact", "cosy"] as const;

/** Theme, language, how close rows stand, and whether letters are shortcuts: kept in this browser. */
export function Appearance() {
  return (
    <Section title={t("account.view")}>
      <div class="max-w-lg space-y-4">
        <Select
          label={t("account.theme")}
          value={chosenTheme()}
          onChange={(event) => setTheme(event.currentTarget.value as (typeof THEMES)[number])}
        >
          <For each={THEMES}>{(theme) => <option value={theme}>{t(`shell.theme.${theme}`)}</option>}</For>
        </Select>
        <Select
          label={t("account.language")}
          value={locale()}
          onChange={(event) => void setLocale(event.currentTarget.value as Locale)}
        >
          <For each={Object.entries(LOCALES)}>
            {([id, name]) => (
              <option value={id} lang={id}>
                {name}
              </option>
            )}
          </For>
        </Select>
        <Select
          label={t("account.density")}
          value={density()}
          onChange={(event) => setDensity(event.currentTarget.value as (typeof DENSITIES)[number])}
        >
          <For each={DENSITIES}>{(name) => <option value={name}>{t(`account.densities.${name}`)}</option>}</For>
        </Select>
        <Check
          label={t("account.singleKeys")}
          hint={t("account.singleKeysHint", { keys: keysAsWritten("mod+k") })}
          checked={singleKeys() === "on"}
          onChange={(event) => setSingleKeys(event.currentTarget.checked ? "on" : "off")}
        />
      </div>
    </Section>
  );
}
