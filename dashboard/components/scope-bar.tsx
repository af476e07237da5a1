import { createSignal, For, type JSX, Show } from "solid-js";
import { useAccount } from "../state/account.tsx";
import { RANGES, type Scope } from "../state/scope.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { BarSelect, TextField } from "../ui/field.tsx";
import { OrganizationOptions } from "./organization-select.tsx";

const CUSTOM = "custom";
const MS = { h: 3_600_000, d: 86_400_000 };

/** From and until in milliseconds since the epoch, of `-30d` or two moments. */
export function periodOf(from: string, to: string, now: number): { from: number; to: number } {
  const end = to ? Date.parse(to) : now;
  const before = /^-(\d+)([hd])$/.exec(from);
  return { from: before ? end - Number(before[1]) * MS[before[2] as keyof typeof MS] : Date.parse(from), to: end };
}

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
  const apply = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, to] = [new Date(String(form.get("from"))), new Date(String(form.get("to")))];
    if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime()) || to <= from) return;
    setDates(false);
    props.scope.setRange(from.toISOString(), to.toISOString());
  };
  const local = (time: number) => {
    const moment = new Date(time);
    return new Date(time - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };

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
        <form class="mt-3 flex flex-wrap items-end gap-3" onSubmit={apply}>
          <TextField
            label={t("shell.scope.from")}
            name="from"
            type="datetime-local"
            required
            value={local(periodOf(props.scope.from(), props.scope.to(), Date.now()).from)}
          />
          <TextField
            label={t("shell.scope.to")}
            name="to"
            type="datetime-local"
            required
            value={local(periodOf(props.scope.from(), props.scope.to(), Date.now()).to)}
          />
          <Button look="primary" type="submit">
            {t("shell.scope.apply")}
          </Button>
        </form>
      </Show>
    </fieldset>
  );
}
