import type { Series } from "../../api/stats.ts";
import { type Asked, Panel } from "../../components/panel.tsx";
import type { Brush } from "../../state/brush.ts";
import { t } from "../../text/text.ts";
import { type MetricId, metricName } from "../../usage/metrics.ts";
import { SeriesChart } from "../../usage/series-chart.tsx";

/** A metric over time. */
export const Course = (props: { query: Asked<Series>; metric: MetricId; cumulative: boolean; brush: Brush }) => (
  <Panel
    title={t("usage.overTime", { metric: metricName(props.metric) })}
    query={props.query}
    skeleton={<div class="h-[22.125rem]" aria-hidden="true" />}
  >
    {(data) => (
      <SeriesChart
        answer={data()}
        metric={props.metric}
        cumulative={props.cumulative}
        brush={props.brush}
        height={300}
      />
    )}
  </Panel>
);
