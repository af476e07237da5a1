import { createMemo, For, Show } from "solid-js";
import { t } from "../text/text.ts";
import type { ChartBucket, ChartSeries, ChartValues } from "./chart.ts";
import { incompleteWords } from "./incomplete.ts";
import { DashedSwatch, Swatch } from "./swatch.tsx";

/** A bucket's values by size, without what is nothing. */
export const valuesAt = (series: readonly ChartSeries[], index: number): { series: ChartSeries; value: number }[] =>
  series
    .map((one) => ({ series: one, value: one.values[index] ?? null }))
    .filter((one): one is { series: ChartSeries; value: number } => one.value !== null && one.value !== 0)
    .sort((a, b) => b.value - a.value);

/** All that a bucket has, beside the line under the pointer. It is said by the chart itself to those who hear it. */
export function Tooltip(props: {
  index: number;
  /** Pixels from the left of the chart, and how wide that is. */
  x: number;
  width: number;
  look: "bars" | "lines";
  bucket: ChartBucket;
  series: readonly ChartSeries[];
  previous: ChartValues | undefined;
  format: (value: number) => string;
}) {
  const values = createMemo(() => valuesAt(props.series, props.index));
  const total = () => values().reduce((sum, { value }) => sum + value, 0);
  const before = () => props.previous?.[props.index] ?? null;
  const left = () => props.x > props.width / 2;
  return (
    <div
      aria-hidden="true"
      class="pointer-events-none absolute top-1 z-10 min-w-44 rounded-panel border border-rule bg-surface px-3 py-2 text-meta shadow-overlay"
      style={{
        right: left() ? `${props.width - props.x + 10}px` : "auto",
        left: left() ? "auto" : `${props.x + 10}px`,
        // Not beyond the chart's edge, as far as that leaves room to read.
        "max-width": `${Math.min(288, Math.max(176, (left() ? props.x : props.width - props.x) - 10))}px`,
      }}
    >
      <p class="font-semibold">
        {props.bucket.name}
        <Show when={incompleteWords(props.bucket)}>
          {(words) => <span class="font-normal text-ink-3"> · {words()}</span>}
        </Show>
      </p>
      <Show when={values().length === 0}>
        <p class="text-ink-3">{t("common.chart.nothing")}</p>
      </Show>
      <ul class="mt-1">
        <For each={values()}>
          {({ series, value }) => (
            <li class="flex items-center gap-2">
              <Swatch tone={series.tone} line={props.look === "lines"} />
              <span class="min-w-0 flex-1 truncate text-ink-2">{series.name}</span>
              <span>{props.format(value)}</span>
            </li>
          )}
        </For>
        <Show when={props.look === "bars" && props.series.length > 1 && values().length > 1}>
          <li class="mt-1 flex justify-between gap-3 border-t border-rule pt-1 font-semibold">
            <span>{t("common.chart.total")}</span>
            <span>{props.format(total())}</span>
          </li>
        </Show>
        <Show when={before() !== null}>
          <li class="flex items-center gap-2 text-ink-2">
            <DashedSwatch />
            <span class="flex-1">{t("common.chart.previous")}</span>
            <span>{props.format(before() ?? 0)}</span>
          </li>
        </Show>
      </ul>
    </div>
  );
}
