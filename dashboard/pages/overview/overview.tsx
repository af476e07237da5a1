import { useLocation } from "@solidjs/router";
import { createMemo, lazy, Match, onMount, Show, Suspense, Switch } from "solid-js";
import { readSeries, readSummary } from "../../api/stats.ts";
import { useQuery } from "../../api/use-query.ts";
import { Empty } from "../../components/empty.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { ScopeBar } from "../../components/scope-bar.tsx";
import { useChoice } from "../../state/address.ts";
import { createBrush } from "../../state/brush.ts";
import { createMedia } from "../../state/media.ts";
import { periodOf } from "../../state/period.ts";
import { carriedSearch, useScope } from "../../state/scope.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { bestBucket } from "../../usage/buckets.ts";
import { GROUPS } from "../../usage/groups.ts";
import { METRIC_IDS, metric } from "../../usage/metrics.ts";
import { NarrowedBy } from "../../usage/narrowed-by.tsx";
import { ChartSkeleton } from "./chart-skeleton.tsx";
import { FigureRow, FiguresSkeleton } from "./figures.tsx";

// The figures do not wait for what draws the rest: that comes while the gateway is asked.
const OverviewChart = lazy(async () => ({ default: (await import("./chart.tsx")).OverviewChart }));
const BelowChart = lazy(async () => ({ default: (await import("./below-chart.tsx")).BelowChart }));
const WhatRuns = lazy(async () => ({ default: (await import("./below-chart.tsx")).WhatRunsNear }));

const PARTS = METRIC_IDS.filter((id) => metric(id).parts) as ["cost", ...(typeof METRIC_IDS)[number][]];

/** Whether it is healthy, what it costs, what changed. */
export function OverviewPage() {
  const scope = useScope();
  const location = useLocation();
  const brush = createBrush(scope);
  const [metricId, setMetric] = useChoice("metric", PARTS);
  const [group, setGroup] = useChoice("group", GROUPS);
  const query = createMemo(() => ({
    ...scope.query(),
    ...(scope.compare() === "previous" ? { compare: "previous" } : {}),
  }));
  // There the chart is a list, as long as there are groups.
  const isNarrow = createMedia("(max-width: 47.99rem)");
  const bucket = () => {
    const { from, to } = periodOf(scope.from(), scope.to(), Date.now());
    return bestBucket(to - from);
  };
  onMount(() => {
    for (const part of [OverviewChart, BelowChart]) void part.preload();
  });
  const summary = useQuery(() => ({
    queryKey: ["stats", "summary", query()],
    queryFn: ({ signal }) => readSummary(query(), signal),
  }));
  const chart = createMemo(() => ({
    ...query(),
    ...{ bucket: bucket(), group: group(), metric: metricId(), by: metric(metricId()).rank },
  }));
  const series = useQuery(() => ({
    queryKey: ["stats", "series", chart()],
    queryFn: ({ signal }) => readSeries(chart(), signal),
  }));
  const isThere = () => !summary.isPending && !series.isPending;
  const isEmpty = () => summary.data !== undefined && Number(summary.data.requests) === 0;
  /** Nothing was asked in this period nor the one before, and that is not for the filters. */
  const isNew = () => isEmpty() && Number(summary.data?.previous?.requests ?? 0) === 0 && !scope.narrowed();
  const isExcluded = () => isEmpty() && scope.narrowed();

  return (
    <Page title={t("overview.title")} lead={t("overview.lead")}>
      <ScopeBar scope={scope} compare />
      <NarrowedBy scope={scope} />
      <Panel title={t("overview.figures")} hideTitle query={summary} skeleton={<FiguresSkeleton />} class="mb-8">
        {(data) => <FigureRow summary={data()} search={carriedSearch(location.search)} />}
      </Panel>
      <Switch
        fallback={
          <>
            <Panel title={t("overview.chart")} hideTitle query={series} skeleton={<ChartSkeleton />} class="mb-8">
              {(data) => (
                <Suspense fallback={<ChartSkeleton />}>
                  <OverviewChart
                    answer={data()}
                    metric={metricId()}
                    metrics={PARTS}
                    onMetric={setMetric}
                    group={group()}
                    onGroup={setGroup}
                    scope={scope}
                    brush={brush}
                  />
                </Suspense>
              )}
            </Panel>
            {/* On narrow pages the chart is a list, as long as it will be: what stands below waits for it. */}
            <Show when={!isNarrow() || isThere()}>
              <Suspense>
                <BelowChart
                  isThere={isThere()}
                  query={query()}
                  live={scope.query()}
                  metric={metricId()}
                  group={group()}
                  scope={scope}
                />
              </Suspense>
            </Show>
          </>
        }
      >
        <Match when={isNew()}>
          <Empty title={t("overview.empty")} hint={t("overview.emptyHint")}>
            <a
              href="/start"
              class="inline-flex min-h-8 items-center rounded-control bg-accent px-4 text-table font-medium text-on-accent hover:brightness-110 pointer-coarse:min-h-11"
            >
              {t("overview.start")}
            </a>
          </Empty>
        </Match>
        <Match when={isExcluded()}>
          <Empty title={t("overview.excluded")}>
            <Button look="plain" onClick={scope.clear}>
              {t("common.clearFilters")}
            </Button>
          </Empty>
        </Match>
      </Switch>
      {/* Below what may yet turn out to be nothing but a word. */}
      <Show when={isThere()}>
        <Suspense>
          <WhatRuns />
        </Suspense>
      </Show>
    </Page>
  );
}
