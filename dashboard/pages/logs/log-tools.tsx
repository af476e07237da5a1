import { For } from "solid-js";
import { place } from "../../api/place.ts";
import { density, setDensity } from "../../state/preferences.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Check } from "../../ui/field.tsx";
import { Menu } from "../../ui/menu.tsx";
import { Popover } from "../../ui/popover.tsx";
import { COLUMNS, DEFAULT_COLUMNS } from "./log-columns.tsx";
import { asSearch, type LogQuery } from "./log-filters.ts";

const DENSITIES = ["normal", "compact", "cosy"] as const;

/** Which columns there are and how high rows are. The first says which row it is, and stays. */
export function ColumnChooser(props: { columns: readonly string[]; onChange: (columns: readonly string[]) => void }) {
  const toggle = (id: string) =>
    props.onChange(COLUMNS.map((column) => column.id).filter((one) => (one === id) !== props.columns.includes(one)));
  return (
    <Popover label={t("logs.tools.columns")} title={t("logs.tools.columns")}>
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
    </Popover>
  );
}

/** All that match, as a file that the gateway writes. The browser follows the link by itself, so that no export is in memory. */
export function ExportMenu(props: { query: LogQuery }) {
  const download = (format: "csv" | "jsonl") => {
    const search = asSearch(props.query);
    search.set("format", format);
    // A link carries no header that says where one acts.
    const organization = place();
    if (organization && !search.has("organization")) search.set("organization", organization);
    const link = document.createElement("a");
    link.href = `/api/requests/export?${search}`;
    link.download = `requests.${format}`;
    link.click();
  };
  return (
    <Menu
      label={t("logs.tools.export")}
      items={[
        { label: t("logs.tools.csv"), onSelect: () => download("csv") },
        { label: t("logs.tools.jsonl"), onSelect: () => download("jsonl") },
      ]}
    >
      {t("logs.tools.export")}
    </Menu>
  );
}

/** Follows what arrives, or not; says what waits while somebody reads. */
export function LiveSwitch(props: {
  isOn: boolean;
  isOpen: boolean;
  isHeld: boolean;
  onChange: (on: boolean) => void;
}) {
  const words = () =>
    t(
      !props.isOn
        ? "logs.live.off"
        : !props.isOpen
          ? "logs.live.opening"
          : props.isHeld
            ? "logs.live.held"
            : "logs.live.on",
    );
  return (
    <button
      type="button"
      role="switch"
      aria-checked={props.isOn}
      aria-label={t("logs.live.label")}
      title={`${t("logs.live.label")} (.)`}
      // As wide whatever it says, or what stands beside it would move.
      class={`inline-flex min-h-8 min-w-24 items-center justify-center gap-2 rounded-control border px-3 text-table font-medium pointer-coarse:min-h-11 ${props.isOn ? "border-accent bg-accent-bg" : "border-edge hover:bg-sunken"}`}
      onClick={() => props.onChange(!props.isOn)}
    >
      <svg
        width="10"
        height="10"
        viewBox="0 0 10 10"
        aria-hidden="true"
        class={props.isOn && props.isOpen ? "text-ok" : "text-ink-3"}
      >
        <circle
          cx="5"
          cy="5"
          r="3.75"
          fill={props.isOn ? "currentColor" : "none"}
          stroke="currentColor"
          stroke-width="1.5"
        />
      </svg>
      {words()}
    </button>
  );
}
