import { createSignal, For, Show } from "solid-js";
import { t } from "../text/text.ts";
import { BarSelect } from "../ui/bar-select.tsx";

/** By whose clocks days begin. The zones at hand stand first; all others, some hundreds, come when somebody reaches for the list. */
export function ZoneSelect(props: { zone: string; own: string | null; onChange: (zone: string) => void }) {
  const atHand = () => [
    ...new Set([props.zone, props.own ?? "UTC", Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC"]),
  ];
  /** The list as it was reached for: it does not change under the letters that somebody types to find a zone. */
  const [reached, setReached] = createSignal<string[] | null>(null);
  const near = () => reached() ?? atHand();
  const others = () => Intl.supportedValuesOf("timeZone").filter((zone) => !near().includes(zone));
  const reach = () => setReached(near());
  const option = (zone: string) => (
    <option value={zone} selected={zone === props.zone}>
      {zone}
    </option>
  );
  return (
    <BarSelect
      steady
      label={t("shell.scope.zone")}
      value={props.zone}
      onPointerEnter={reach}
      onFocus={reach}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    >
      <For each={near()}>{option}</For>
      <Show when={reached()}>
        <optgroup label={t("shell.scope.zones")}>
          <For each={others()}>{option}</For>
        </optgroup>
      </Show>
    </BarSelect>
  );
}
