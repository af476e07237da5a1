import { For, Show } from "solid-js";
import type { Column } from "../../components/data-table.tsx";
import { count, duration, percent, shortCount } from "../../format/numbers.ts";
import { date } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import { abilitiesOf, type ModelRow, rateOf } from "./model-query.ts";

/** A rate as it stands in the price book; a model without one is not free. */
function Rate(props: { price: ModelRow["price"]; name: string }) {
  return (
    <Show when={props.price} fallback={<Chip tone="warn">{t("common.noPrice")}</Chip>}>
      <Show when={rateOf(props.price, props.name)} fallback={<span class="text-ink-3">—</span>}>
        {(rate) => <>${rate()}</>}
      </Show>
    </Show>
  );
}

/** What sets a model apart from others, in words. */
function Flags(props: { model: ModelRow }) {
  return (
    <>
      <Show when={props.model.deprecation_date}>
        {(day) => <Chip tone="warn">{t("models.ends", { date: date(day()) })}</Chip>}
      </Show>
      <Show when={props.model.gone_since}>
        <Chip tone="bad">{t("models.gone")}</Chip>
      </Show>
      <Show when={props.model.free}>
        <Chip tone="ok">{t("models.free")}</Chip>
      </Show>
    </>
  );
}

/** The columns of models. `onSwitch` enables or disables one; undefined: the reader may not. */
export const modelColumns = (
  onSwitch: ((row: ModelRow, on: boolean) => void) | undefined,
): readonly Column<ModelRow>[] => [
  {
    id: "name",
    name: () => t("models.name"),
    sort: "id",
    cell: (row) => (
      <span class="flex items-center gap-2">
        <span class="block max-w-72 truncate max-md:max-w-36 max-md:break-all max-md:whitespace-normal">{row.id}</span>
        <Flags model={row} />
      </span>
    ),
  },
  {
    id: "enabled",
    name: () => t("models.enabled"),
    cell: (row) => (
      <Show
        when={onSwitch}
        fallback={<Chip tone={row.enabled ? "ok" : "plain"}>{t(row.enabled ? "models.on" : "models.off")}</Chip>}
      >
        {(turn) => (
          <input
            type="checkbox"
            role="switch"
            aria-checked={row.enabled}
            class="relative z-1 block size-4 accent-accent pointer-coarse:size-6"
            aria-label={t("models.enable", { model: row.id })}
            checked={row.enabled}
            onChange={(event) => turn()(row, event.currentTarget.checked)}
          />
        )}
      </Show>
    ),
  },
  {
    id: "input",
    name: () => t("models.input"),
    numeric: true,
    sort: "input_price",
    cell: (row) => <Rate price={row.price} name="input" />,
  },
  {
    id: "output",
    name: () => t("models.output"),
    numeric: true,
    priority: 2,
    sort: "output_price",
    cell: (row) => <Rate price={row.price} name="output" />,
  },
  {
    id: "context",
    name: () => t("models.context"),
    numeric: true,
    priority: 2,
    sort: "context_window",
    cell: (row) => (row.context_window === null ? "—" : shortCount(row.context_window)),
  },
  {
    id: "requests",
    name: () => t("models.requests30"),
    numeric: true,
    priority: 2,
    sort: "requests",
    cell: (row) => (row.figures ? count(row.figures.requests) : "—"),
  },
  {
    id: "errors",
    name: () => t("models.errors"),
    numeric: true,
    priority: 3,
    cell: (row) => percent(row.figures?.error_rate ?? null),
  },
  {
    id: "ttft",
    name: () => t("models.ttft"),
    numeric: true,
    priority: 3,
    cell: (row) => (row.figures?.ttft_ms_p50 == null ? "—" : duration(row.figures.ttft_ms_p50)),
  },
  {
    id: "source",
    name: () => t("models.priceSource"),
    priority: 3,
    cell: (row) => (row.price ? t(`models.priceSources.${row.price.source}`) : "—"),
  },
  {
    id: "abilities",
    name: () => t("models.abilities"),
    priority: 3,
    cell: (row) => {
      const { capabilities, modalities } = abilitiesOf(row);
      return (
        <span class="flex gap-1">
          <For each={modalities}>{(one) => <Chip tone="plain">{t(`models.modality.${one}`)}</Chip>}</For>
          <For each={capabilities}>{(one) => <Chip tone="plain">{t(`models.short.${one}`)}</Chip>}</For>
        </span>
      );
    },
  },
];
