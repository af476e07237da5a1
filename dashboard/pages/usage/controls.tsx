import { createSignal, For, Show } from "solid-js";
import { FilterInput } from "../../components/filter-input.tsx";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Check } from "../../ui/field.tsx";
import { GROUPS } from "../../usage/groups.ts";
import { METRIC_IDS, type MetricId, metricName } from "../../usage/metrics.ts";
import { PARTS, ROWS, type UsageView } from "./view.ts";

const TAG = "tag:";

export const MetricSelect = (props: { view: UsageView; ref?: (element: HTMLSelectElement) => void }) => (
  <BarSelect
    ref={props.ref}
    label={t("usage.metric")}
    value={props.view.metricId()}
    onChange={(event) => props.view.setMetric(event.currentTarget.value as MetricId)}
  >
    <For each={METRIC_IDS}>{(id) => <option value={id}>{metricName(id)}</option>}</For>
  </BarSelect>
);

/** What usage is told apart by. Of tags there are many: one is named by writing it. */
export function GroupSelect(props: {
  label: string;
  value: string;
  onChange: (group: string) => void;
  /** What stands for no group, where there may be none. */
  none?: string;
  /** Told apart by this already. */
  without?: string;
}) {
  const [writing, setWriting] = createSignal(false);
  const isTag = () => writing() || props.value.startsWith(TAG);
  return (
    <>
      <BarSelect
        label={props.label}
        value={isTag() ? TAG : props.value}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setWriting(value === TAG);
          if (value !== TAG) props.onChange(value);
        }}
      >
        <Show when={props.none}>{(none) => <option value="">{none()}</option>}</Show>
        <For each={GROUPS.filter((id) => id !== props.without)}>
          {(id) => <option value={id}>{t(`common.by.${id}`)}</option>}
        </For>
        <option value={TAG}>{t("usage.byTag")}</option>
      </BarSelect>
      <Show when={isTag()}>
        <FilterInput
          label={t("usage.tagName")}
          value={props.value.startsWith(TAG) ? props.value.slice(TAG.length) : ""}
          onChange={(name) => {
            if (name) props.onChange(`${TAG}${name}`);
          }}
        />
      </Show>
    </>
  );
}

export const BucketSelect = (props: { view: UsageView; ref?: (element: HTMLSelectElement) => void }) => (
  <BarSelect
    ref={props.ref}
    label={t("usage.bucket")}
    value={props.view.bucket()}
    onChange={(event) => props.view.setBucket(event.currentTarget.value)}
  >
    <For each={props.view.buckets()}>
      {(id) => (
        <option value={id} selected={id === props.view.bucket()}>
          {t(`usage.buckets.${id}`)}
        </option>
      )}
    </For>
  </BarSelect>
);

export const PartsSelect = (props: { view: UsageView }) => (
  <BarSelect
    label={t("usage.parts")}
    value={props.view.parts()}
    onChange={(event) => props.view.setParts(event.currentTarget.value as (typeof PARTS)[number])}
  >
    <For each={[...PARTS].sort((a, b) => Number(a) - Number(b))}>
      {(top) => <option value={top}>{t("usage.top", { count: top })}</option>}
    </For>
  </BarSelect>
);

export const RowsSelect = (props: { view: UsageView }) => (
  <BarSelect
    label={t("usage.rows")}
    value={props.view.rows()}
    onChange={(event) => props.view.setRows(event.currentTarget.value as (typeof ROWS)[number])}
  >
    <For each={ROWS}>{(rows) => <option value={rows}>{t("usage.top", { count: rows })}</option>}</For>
  </BarSelect>
);

export const CumulativeCheck = (props: { view: UsageView }) => (
  <Check
    label={t("usage.cumulative")}
    checked={props.view.cumulative() === "on"}
    onChange={(event) => props.view.setCumulative(event.currentTarget.checked ? "on" : "off")}
  />
);
