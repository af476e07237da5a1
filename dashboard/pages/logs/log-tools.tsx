import { lazy, Suspense } from "solid-js";
import { place } from "../../api/place.ts";
import { t } from "../../text/text.ts";
import { Menu } from "../../ui/menu.tsx";
import { onceIdle } from "../../ui/once-idle.ts";
import { Popover } from "../../ui/popover.tsx";
import type { ColumnChoiceProps } from "./column-choice.tsx";
import { asSearch, type LogQuery } from "./log-filters.ts";

const readChoice = async () => ({ default: (await import("./column-choice.tsx")).ColumnChoice });
const ColumnChoice = lazy(readChoice);
onceIdle(readChoice);

/** Which columns there are and how high rows are. The first says which row it is, and stays. */
export const ColumnChooser = (props: ColumnChoiceProps) => (
  <Popover label={t("logs.tools.columns")} title={t("logs.tools.columns")}>
    <Suspense>
      <ColumnChoice {...props} />
    </Suspense>
  </Popover>
);

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
