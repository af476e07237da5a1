import { createMemo, createSignal, createUniqueId, lazy, onCleanup, onMount, Show, Suspense } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { onceIdle } from "../ui/once-idle.ts";
import { Axes } from "./axes.tsx";
import type { Plot } from "./chart.ts";
import { createCursor } from "./cursor.ts";
import { spanPixels } from "./hit.ts";
import { EdgeLabels, Legend } from "./labels.tsx";
import { Marks } from "./marks.tsx";
import { gridValues, largest } from "./scale.ts";
import type { TimeChartProps } from "./time-chart-props.ts";
import { Tooltip, valuesAt } from "./tooltip.tsx";

const readTable = async () => ({ default: (await import("./chart-table.tsx")).ChartTable });
const ChartTable = lazy(readTable);
onceIdle(readTable);

const LEFT = 56;
const AXIS = 26;
const EDGE = 148;
/** From this width on names stand at the right edge, in pixels. */
const ROOMY = 640;

/**
 * Bars or lines over time. One looks by pointer or arrow keys and chooses a span by dragging or with Shift; the same stands
 * in a table. Its height is fixed, so that nothing jumps when data come.
 */
export function TimeChart(props: TimeChartProps) {
  const id = createUniqueId();
  const [width, setWidth] = createSignal(0);
  const [table, setTable] = createSignal(false);
  let frame!: HTMLDivElement;
  onMount(() => {
    const measure = () => setWidth(frame.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(frame);
    onCleanup(() => observer.disconnect());
  });

  const height = () => props.height ?? 260;
  const beside = () => props.named !== false && width() >= ROOMY && props.series.length > 0;
  const plot = createMemo<Plot>(() => ({
    left: LEFT,
    top: 8,
    width: Math.max(0, width() - LEFT - (beside() ? EDGE : 4)),
    height: height() - AXIS - 8,
  }));
  const lines = createMemo(() => {
    const own = props.series.map(({ values }) => values);
    const most = Math.max(largest(own, props.look === "bars"), largest(props.previous ? [props.previous] : [], false));
    return gridValues(most, { whole: props.whole ?? false });
  });
  const top = () => lines().at(-1) ?? 1;
  const cursor = createCursor({
    buckets: () => props.buckets.length,
    plot,
    onSelect: () => props.onSelect,
    onReset: () => props.onReset,
  });
  const chosen = createMemo(() => {
    const span = cursor.span();
    return span && spanPixels(span, props.buckets.length, plot());
  });
  const looked = createMemo(() => {
    const index = cursor.at();
    const bucket = index === null ? undefined : props.buckets[index];
    if (index === null || !bucket) return null;
    return { index, bucket, x: plot().left + ((index + 0.5) / props.buckets.length) * plot().width };
  });
  /** What the chart says where it is looked at. */
  const said = () => {
    const span = cursor.span();
    if (span)
      return t("common.chart.chosen", {
        from: props.buckets[span.from]?.name ?? "",
        to: props.buckets[span.to]?.name ?? "",
      });
    const index = looked()?.index ?? props.buckets.length - 1;
    const values = valuesAt(props.series, index).map(({ series, value }) => `${series.name} ${props.format(value)}`);
    return [props.buckets[index]?.name, ...(values.length > 0 ? values : [t("common.chart.nothing")])].join(", ");
  };

  return (
    <figure class="m-0 min-w-0">
      <figcaption class="flex min-h-8 flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span class="text-meta text-ink-3">{props.unit}</span>
        <span class="flex flex-wrap items-center gap-1">
          <Show when={props.onReset}>
            {(reset) => (
              <Button look="quiet" onClick={() => reset()()}>
                {t("common.chart.reset")}
              </Button>
            )}
          </Show>
          {props.aside}
          <Button look="quiet" aria-pressed={table()} onClick={() => setTable(!table())}>
            {table() ? t("common.chart.asChart") : t("common.chart.asTable")}
          </Button>
        </span>
      </figcaption>
      <div ref={frame} class="relative" style={{ height: `${height()}px` }}>
        <Show
          when={!table()}
          fallback={
            <Suspense>
              <ChartTable chart={props} height={height()} />
            </Suspense>
          }
        >
          <div
            role="slider"
            tabIndex={0}
            aria-label={props.label}
            aria-describedby={`${id}-keys`}
            aria-valuemin="0"
            aria-valuemax={Math.max(0, props.buckets.length - 1)}
            aria-valuenow={looked()?.index ?? Math.max(0, props.buckets.length - 1)}
            aria-valuetext={said()}
            class={`absolute inset-0 touch-pan-y select-none ${props.onSelect ? "cursor-crosshair" : ""}`}
            {...cursor.handlers}
          >
            <svg width={width()} height={height()} class="chart block overflow-visible" aria-hidden="true">
              <Axes buckets={props.buckets} lines={lines()} plot={plot()} formatShort={props.formatShort} />
              <Marks
                look={props.look}
                buckets={props.buckets}
                series={props.series}
                previous={props.previous}
                top={top()}
                plot={plot()}
              />
              <Show when={chosen()}>
                {(span) => (
                  <rect
                    x={span().x}
                    y={plot().top}
                    width={span().width}
                    height={plot().height}
                    class="fill-accent/15 stroke-accent"
                  />
                )}
              </Show>
              <Show when={looked()}>
                {(spot) => (
                  <path d={`M${Math.round(spot().x) + 0.5} ${plot().top}v${plot().height}`} class="stroke-ink" />
                )}
              </Show>
            </svg>
            <Show when={looked()}>
              {(spot) => (
                <Tooltip
                  {...spot()}
                  width={width()}
                  look={props.look}
                  series={props.series}
                  previous={props.previous}
                  format={props.format}
                />
              )}
            </Show>
          </div>
          <Show when={beside()}>
            <EdgeLabels look={props.look} series={props.series} top={top()} plot={plot()} />
          </Show>
        </Show>
        <p id={`${id}-keys`} class="sr-only">
          {t(props.onSelect ? "common.chart.keysSelect" : "common.chart.keys")}
        </p>
      </div>
      <div class={`${table() ? "invisible" : ""} ${props.named === false ? "" : "min-h-5.5"}`}>
        <Legend
          look={props.look}
          series={beside() || props.named === false ? [] : props.series}
          previous={props.previous !== undefined}
        />
      </div>
    </figure>
  );
}
