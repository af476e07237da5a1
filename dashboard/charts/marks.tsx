import { createMemo, createUniqueId, For, Show } from "solid-js";
import type { ChartBucket, ChartSeries, ChartValues, Plot } from "./chart.ts";
import { barOf, barPaths, heightOf, linePath, parted, stepPath } from "./paths.ts";
import { FILL, STROKE } from "./tone-classes.ts";

/** What a chart says: bars or lines, one path for each series; the period before; what is not finished, hatched. */
export function Marks(props: {
  look: "bars" | "lines";
  buckets: readonly ChartBucket[];
  series: readonly ChartSeries[];
  previous?: ChartValues | undefined;
  top: number;
  plot: Plot;
}) {
  const id = createUniqueId();
  const complete = createMemo(() => props.buckets.map((bucket) => bucket.complete));
  const lines = createMemo(() =>
    props.look === "lines" ? props.series.map(({ values }) => parted(values, complete())) : [],
  );
  const paths = createMemo(() =>
    props.look === "bars"
      ? barPaths(
          props.series.map(({ values }) => values),
          props.top,
          props.plot,
        )
      : lines().map(({ certain }) => linePath(certain, props.top, props.plot)),
  );
  const previous = createMemo(() => {
    if (!props.previous) return "";
    return (props.look === "bars" ? stepPath : linePath)(props.previous, props.top, props.plot);
  });
  /** Over the unfinished bars, as high as they are. */
  const unfinished = createMemo(() => {
    if (props.look !== "bars") return [];
    return props.buckets.flatMap(({ complete }, index) => {
      const sum = props.series.reduce((total, { values }) => total + Math.max(0, values[index] ?? 0), 0);
      if (complete || sum === 0) return [];
      const y = heightOf(sum, props.top, props.plot);
      return [{ ...barOf(index, props.buckets.length, props.plot), y, height: props.plot.top + props.plot.height - y }];
    });
  });
  const hatch = (suffix: string | number) => `url(#${id}-${suffix})`;

  return (
    <>
      <defs>
        <pattern id={`${id}-gap`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="3" height="6" class="fill-canvas" />
        </pattern>
        <For each={props.series}>
          {({ tone, hatched }, index) => (
            <Show when={hatched}>
              <pattern
                id={`${id}-${index()}`}
                width="5"
                height="5"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(-45)"
              >
                <rect width="5" height="5" class="fill-canvas" />
                <rect width="2.5" height="5" class={FILL[tone]} />
              </pattern>
            </Show>
          )}
        </For>
      </defs>
      <For each={props.series}>
        {(series, index) => (
          <Show
            when={props.look === "bars"}
            fallback={
              <g class={STROKE[series.tone]} fill="none" stroke-width="2" stroke-linejoin="round">
                <path d={paths()[index()]} stroke-linecap="round" />
                <path d={linePath(lines()[index()]?.open ?? [], props.top, props.plot)} stroke-dasharray="2 3" />
              </g>
            }
          >
            <path
              d={paths()[index()]}
              class={`chart-bar ${series.hatched ? STROKE[series.tone] : FILL[series.tone]}`}
              fill={series.hatched ? hatch(index()) : undefined}
              stroke-width={series.hatched ? 0.5 : undefined}
            />
          </Show>
        )}
      </For>
      <For each={unfinished()}>{(bar) => <rect {...bar} fill={hatch("gap")} />}</For>
      <Show when={previous()}>
        <path d={previous()} fill="none" class="stroke-canvas" stroke-width="4.5" />
        <path d={previous()} fill="none" class="stroke-ink" stroke-width="1.5" stroke-dasharray="4 3" />
      </Show>
    </>
  );
}
