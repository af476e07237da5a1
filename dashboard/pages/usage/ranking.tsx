import { createMemo, Show } from "solid-js";
import type { Breakdown, Series } from "../../api/stats.ts";
import { Empty } from "../../components/empty.tsx";
import { type Asked, Panel } from "../../components/panel.tsx";
import { FILTERS, type Scope } from "../../state/scope.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { inParts } from "../../usage/groups.ts";
import { metric, metricName } from "../../usage/metrics.ts";
import { drawnOf } from "../../usage/series-of.ts";
import { UsageTable } from "../../usage/usage-table.tsx";
import { useUnpriced } from "./unpriced.ts";
import type { UsageView } from "./view.ts";

/** A metric in parts, and what to do where there is nothing. */
export function Ranking(props: {
  query: Asked<Breakdown>;
  view: UsageView;
  sub: string;
  scope: Scope;
  /** The course of the same groups, where there is a chart of them. */
  series?: Series | undefined;
  withCourses: boolean;
}) {
  /** Without the unfinished ends, that no line falls where nothing has. */
  const courses = createMemo(() => {
    const { series } = props;
    if (!props.withCourses || !metric(props.view.metricId()).parts) return undefined;
    // Their column is there before they are: what stands beside it does not move.
    if (!series?.groups) return new Map();
    const drawn = drawnOf(series, props.view.metricId(), { cumulative: false });
    return new Map(
      drawn.series.map(({ id, values }) => [
        id,
        values.map((value, index) => (drawn.buckets[index]?.complete ? value : null)),
      ]),
    );
  });
  const unpriced = useUnpriced(
    () => props.query.data,
    () => [props.view.group(), props.sub],
  );
  const only = ([name, value]: readonly [name: string, value: string]) => {
    if (name === "org") props.scope.setOrganization(value);
    const filter = FILTERS.find((one) => one === name);
    if (filter) props.scope.filters[filter][1]([value]);
  };
  const title = () => inParts(metricName(props.view.metricId()), props.view.group());
  return (
    <Panel title={title()} query={props.query} skeleton={<RowsSkeleton rows={10} />}>
      {(data) => (
        <Show
          when={Number(data().total.requests) > 0 || Number(data().total.cost_nano) !== 0}
          fallback={
            <Empty title={props.scope.narrowed() ? t("usage.excluded") : t("usage.empty")}>
              <Show
                when={props.scope.narrowed()}
                fallback={
                  <a href="/start" class="text-table underline">
                    {t("usage.start")}
                  </a>
                }
              >
                <Button look="plain" onClick={props.scope.clear}>
                  {t("common.clearFilters")}
                </Button>
              </Show>
            </Empty>
          }
        >
          <Show when={!metric(props.view.metricId()).parts && metric(props.view.metricId()).change === "relative"}>
            <p class="mt-1 text-meta text-ink-3">{t("usage.averages")}</p>
          </Show>
          <UsageTable
            answer={data()}
            metric={props.view.metricId()}
            group={props.view.group()}
            sub={props.sub}
            scope={props.scope}
            compared={props.scope.compare() === "previous"}
            unpriced={unpriced()}
            courses={courses()}
            onOnly={only}
          />
        </Show>
      )}
    </Panel>
  );
}
