import { createSignal, For, type JSX, lazy, Show, Suspense } from "solid-js";
import { useAccount } from "../state/account.tsx";
import { periodOf } from "../state/period.ts";
import { RANGES, type Scope } from "../state/scope.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { BarSelect } from "../ui/bar-select.tsx";
import { Button } from "../ui/button.tsx";
import { OrganizationOptions } from "./organization-select.tsx";

const CUSTOM = "custom";
const ScopeDates = lazy(async () => ({ default: (await import("./scope-dates.tsx")).ScopeDates }));

/** Whose usage, of which time, in whose days, held against what: everything below it follows. */
export function ScopeBar(props: { scope: Scope; compare?: boolean; children?: JSX.Element }) {
  const { account } = useAccount();
  const [dates, setDates] = createSignal(false);
  let range: HTMLSelectElement | undefined;
  const known = () => (RANGES as readonly string[]).includes(props.scope.from()) && !props.scope.to();
  const shift = (by: -1 | 1) => {
    const { from, to } = periodOf(props.scope.from(), props.scope.to(), Date.now());
    const step = by * (to - from);
    const until = Math.min(to + step, Date.now());
    props.scope.setRange(new Date(until - (to - from)).toISOString(), new Date(until).toISOString());
  };
  useShortcuts([
    { keys: "[", label: () => t("shell.scope.earlier"), run: () => shift(-1) },
    { keys: "]", label: () => t("shell.scope.later"), run: () => shift(1) },
    { keys: "t", label: () => t("shell.scope.range"), run: () => range?.focus() },
  ]);
  const zones = () => [
    ...new Set([
      props.scope.zone(),
      account().user.time_zone ?? "UTC",
      Intl.DateTimeFormat().resolvedOptions().timeZone,
      "UTC",
    ]),
  ];

  return (
    <fieldset class="mb-5">
      <legend class="sr-only">{t("shell.scope.label")}</legend>
      <div class="flex flex-wrap items-center gap-2">
        <BarSelect
          label={t("shell.scope.organization")}
          value={props.scope.organization()}
          onChange={(event) => props.scope.setOrganization(event.currentTarget.value)}
        >
          <option value="">{t("shell.scope.everything", { organization: account().organization.name })}</option>
          <OrganizationOptions selected={props.scope.organization()} />
        </BarSelect>
        <BarSelect
          ref={range}
          label={t("shell.scope.range")}
          value={known() ? props.scope.from() : CUSTOM}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setDates(value === CUSTOM);
            if (value !== CUSTOM) props.scope.setRange(value);
          }}
        >
          <For each={RANGES}>{(value) => <option value={value}>{t(`shell.scope.ranges.${value}`)}</option>}</For>
          <option value={CUSTOM}>{t("shell.scope.custom")}</option>
        </BarSelect>
        <Show when={!known() && !dates()}>
          <Button look="quiet" onClick={() => setDates(true)}>
            {new Date(periodOf(props.scope.from(), props.scope.to(), Date.now()).from).toLocaleDateString()} –{" "}
            {new Date(periodOf(props.scope.from(), props.scope.to(), Date.now()).to).toLocaleDateString()}
          </Button>
        </Show>
        <Show when={props.compare}>
          <BarSelect
            label={t("shell.scope.compare")}
            value={props.scope.compare()}
            onChange={(event) => props.scope.setCompare(event.currentTarget.value as "previous" | "off")}
          >
            <option value="previous">{t("shell.scope.previous")}</option>
            <option value="off">{t("shell.scope.off")}</option>
          </BarSelect>
        </Show>
        <BarSelect
          label={t("shell.scope.zone")}
          value={props.scope.zone()}
          onChange={(event) => props.scope.setZone(event.currentTarget.value)}
        >
          <For each={zones()}>{(zone) => <option value={zone}>{zone}</option>}</For>
        </BarSelect>
        {props.children}
      </div>
      <Show when={dates()}>
        <Suspense>
          <ScopeDates scope={props.scope} onChosen={() => setDates(false)} />
        </Suspense>
      </Show>
    </fieldset>
  );
}
