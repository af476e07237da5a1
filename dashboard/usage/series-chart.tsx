import { createMemo, type JSX } from "solid-js";
import type { Series } from "../api/stats.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import type { Brush } from "../state/brush.ts";
import { t } from "../text/text.ts";
import { type MetricId, metric, metricName } from "./metrics.ts";
import { drawnOf } from "./series-of.ts";

/** A metric over time, in parts where it has some; a span of it narrows the page. */
export function SeriesChart(props: {
  answer: Series;
  metric: MetricId;
  cumulative?: boolean;
  brush: Brush;
  height?: number;
  aside?: JSX.Element;
}) {
  const drawn = createMemo(() => drawnOf(props.answer, props.metric, { cumulative: props.cumulative ?? false }));
  const unit = () => {
    const counted = t(`common.units.${props.metric}`);
    return props.cumulative && metric(props.metric).parts
      ? t("common.runningTotal", { unit: counted })
      : t(`common.buckets.${props.answer.bucket}`, { unit: counted });
  };
  const select = (from: number, to: number) => {
    const [first, last] = [drawn().buckets[from], drawn().buckets[to]];
    if (first && last) props.brush.select(first.from, last.to);
  };
  return (
    <TimeChart
      label={metricName(props.metric)}
      unit={unit()}
      look={drawn().look}
      buckets={drawn().buckets}
      series={drawn().series}
      previous={drawn().previous}
      format={metric(props.metric).format}
      formatShort={metric(props.metric).short}
      whole={metric(props.metric).whole}
      height={props.height ?? 280}
      onSelect={select}
      onReset={props.brush.reset}
      aside={props.aside}
    />
  );
}
