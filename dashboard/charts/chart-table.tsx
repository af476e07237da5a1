import { For, Show } from "solid-js";
import { t } from "../text/text.ts";
import type { ChartBucket } from "./chart.ts";
import { incompleteWords } from "./incomplete.ts";
import type { TimeChartProps } from "./time-chart-props.ts";

/** The same as the drawing, in words: the newest bucket first, and as high as the drawing was. */
export function ChartTable(props: { chart: TimeChartProps; height: number }) {
  const order = () => props.chart.buckets.map((_, index) => index).reverse();
  const cell = (value: number | null | undefined) => (value == null ? "—" : props.chart.format(value));
  const total = (index: number) => props.chart.series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
  const summed = () => props.chart.look === "bars" && props.chart.series.length > 1;
  return (
    // What scrolls must be reached by the keyboard.
    <section class="overflow-auto" style={{ height: `${props.height}px` }} tabindex="0" aria-label={props.chart.label}>
      <table class="w-full border-collapse text-table">
        <caption class="sr-only">
          {props.chart.label}, {props.chart.unit}
        </caption>
        <thead class="sticky top-0 bg-canvas">
          <tr class="border-b border-rule text-meta text-ink-3">
            <th scope="col" class="py-1.5 pr-3 text-left">
              {t("common.chart.time")}
            </th>
            <For each={props.chart.series}>
              {({ name }) => (
                <th scope="col" class="px-3 py-1.5 text-right">
                  {name}
                </th>
              )}
            </For>
            <Show when={summed()}>
              <th scope="col" class="px-3 py-1.5 text-right">
                {t("common.chart.total")}
              </th>
            </Show>
            <Show when={props.chart.previous}>
              <th scope="col" class="py-1.5 pl-3 text-right">
                {t("common.chart.previous")}
              </th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={order()}>
            {(index) => (
              <tr class="border-b border-rule">
                <th scope="row" class="py-1 pr-3 text-left font-normal whitespace-nowrap">
                  {props.chart.buckets[index]?.name}
                  <Show when={incompleteWords(props.chart.buckets[index] as ChartBucket)}>
                    {(words) => <span class="text-ink-3"> · {words()}</span>}
                  </Show>
                </th>
                <For each={props.chart.series}>
                  {({ values }) => <td class="px-3 py-1 text-right whitespace-nowrap">{cell(values[index])}</td>}
                </For>
                <Show when={summed()}>
                  <td class="px-3 py-1 text-right font-medium whitespace-nowrap">{cell(total(index))}</td>
                </Show>
                <Show when={props.chart.previous}>
                  <td class="py-1 pl-3 text-right whitespace-nowrap text-ink-2">
                    {cell(props.chart.previous?.[index])}
                  </td>
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
