import { createMemo, For, Show } from "solid-js";
import { t } from "../text/text.ts";
import type { ChartSeries, Plot } from "./chart.ts";
import { heightOf } from "./paths.ts";
import { spread } from "./spread.ts";
import { DashedSwatch, Swatch } from "./swatch.tsx";

const LINE = 17;

/** A part of the highest bar that is high enough for names beside it. */
const HIGH_ENOUGH = 0.1;

/** The last bucket with a bar to name the parts of: today has often just begun. */
function lastBar(series: readonly ChartSeries[], top: number): number {
  const sums = (series[0]?.values ?? []).map((_, index) =>
    series.reduce((sum, { values }) => sum + Math.max(0, values[index] ?? 0), 0),
  );
  const high = sums.findLastIndex((sum) => sum >= top * HIGH_ENOUGH);
  return high >= 0 ? high : sums.findLastIndex((sum) => sum > 0);
}

/** The height at which a series ends at the right edge: the middle of its part of the last bar, or its last known point. */
function endOf(series: readonly ChartSeries[], look: "bars" | "lines", top: number, plot: Plot): number[] {
  const last = lastBar(series, top);
  let below = 0;
  return series.map(({ values }) => {
    if (look === "lines") return heightOf(values.findLast((value) => value !== null) ?? 0, top, plot);
    const value = Math.max(0, values[last] ?? 0);
    below += value;
    return heightOf(below - value / 2, top, plot);
  });
}

/** Names beside where the series end. */
export function EdgeLabels(props: { look: "bars" | "lines"; series: readonly ChartSeries[]; top: number; plot: Plot }) {
  const places = createMemo(() =>
    spread(
      endOf(props.series, props.look, props.top, props.plot),
      LINE,
      props.plot.top + 4,
      props.plot.top + props.plot.height - 4,
    ),
  );
  return (
    <ul aria-hidden="true" class="pointer-events-none">
      <For each={props.series}>
        {({ name, tone }, index) => (
          <li
            class="absolute right-0 flex -translate-y-1/2 items-center gap-1.5 text-meta text-ink-2"
            style={{ top: `${places()[index()]}px`, left: `${props.plot.left + props.plot.width + 8}px` }}
          >
            <Swatch tone={tone} line={props.look === "lines"} />
            <span class="truncate" title={name}>
              {name}
            </span>
          </li>
        )}
      </For>
    </ul>
  );
}

/** The same names under the chart, where there is no room beside it, and what the dashes are. */
export const Legend = (props: { look: "bars" | "lines"; series: readonly ChartSeries[]; previous: boolean }) => (
  <ul class="flex flex-wrap gap-x-4 text-meta text-ink-2">
    <For each={props.series}>
      {({ name, tone }) => (
        <li class="flex min-w-0 items-center gap-1.5">
          <Swatch tone={tone} line={props.look === "lines"} />
          <span class="truncate">{name}</span>
        </li>
      )}
    </For>
    <Show when={props.previous}>
      <li class="flex items-center gap-1.5">
        <DashedSwatch />
        {t("common.chart.previous")}
      </li>
    </Show>
  </ul>
);
