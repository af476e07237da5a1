import { useLocation } from "@solidjs/router";
import { createMemo, For } from "solid-js";
import type { Series } from "../../api/stats.ts";
import { RankedBars } from "../../charts/ranked-bars.tsx";
import type { Brush } from "../../state/brush.ts";
import type { Scope } from "../../state/scope.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { groupFilter, groupId } from "../../usage/group.ts";
import { GROUPS, type GroupBy } from "../../usage/groups.ts";
import { logsLink } from "../../usage/logs-link.ts";
import { type MetricId, metric, metricName } from "../../usage/metrics.ts";
import { SeriesChart } from "../../usage/series-chart.tsx";
import { drawnOf } from "../../usage/series-of.ts";

const HEIGHT = 260;

/** What was used over time, in parts. On narrow pages its parts as a ranking. */
export function OverviewChart(props: {
  answer: Series;
  metric: MetricId;
  metrics: readonly MetricId[];
  onMetric: (metric: MetricId) => void;
  group: GroupBy;
  onGroup: (group: GroupBy) => void;
  scope: Scope;
  brush: Brush;
}) {
  const location = useLocation();
  let select: HTMLSelectElement | undefined;
  useShortcuts([{ keys: "m", label: () => t("overview.metric"), run: () => select?.focus() }]);
  const ranked = createMemo(() => {
    const { series } = drawnOf(props.answer, props.metric, { cumulative: false });
    return series.map(({ id, name, tone, values }) => {
      const value = values.reduce<number>((sum, one) => sum + (one ?? 0), 0);
      const group = props.answer.groups?.find((one) => groupId(one) === id);
      const filter = group ? groupFilter(props.group, group) : null;
      return {
        ...{ id, name, tone, value, text: metric(props.metric).format(value) },
        ...(filter ? { href: logsLink(location.search, props.scope, { filter, metric: props.metric }) } : {}),
      };
    });
  });
  return (
    <>
      <div class="-mt-8 flex min-h-8 flex-wrap items-center gap-2 pr-32">
        <BarSelect
          ref={select}
          label={t("overview.metric")}
          value={props.metric}
          onChange={(event) => props.onMetric(event.currentTarget.value as MetricId)}
        >
          <For each={props.metrics}>{(id) => <option value={id}>{metricName(id)}</option>}</For>
        </BarSelect>
        <BarSelect
          label={t("overview.group")}
          value={props.group}
          onChange={(event) => props.onGroup(event.currentTarget.value as GroupBy)}
        >
          <For each={GROUPS}>{(id) => <option value={id}>{t(`common.by.${id}`)}</option>}</For>
        </BarSelect>
      </div>
      <div class="max-md:hidden">
        <SeriesChart answer={props.answer} metric={props.metric} brush={props.brush} height={HEIGHT} />
      </div>
      <div class="mt-2 md:hidden">
        <RankedBars label={metricName(props.metric)} bars={ranked()} />
      </div>
    </>
  );
}
