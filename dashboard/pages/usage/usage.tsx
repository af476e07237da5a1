import { createMemo, createSignal, type JSX, lazy, Show, Suspense } from "solid-js";
import { readBreakdown, readSeries } from "../../api/stats.ts";
import { useQuery } from "../../api/use-query.ts";
import { LaterDialog } from "../../components/later-dialog.tsx";
import { Page } from "../../components/page.tsx";
import { SavedViews } from "../../components/saved-views.tsx";
import { ScopeBar } from "../../components/scope-bar.tsx";
import { useChoice } from "../../state/address.ts";
import { createBrush } from "../../state/brush.ts";
import { createMedia } from "../../state/media.ts";
import { useScope } from "../../state/scope.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Tabs } from "../../ui/tabs.tsx";
import { NarrowedBy } from "../../usage/narrowed-by.tsx";
import { BucketSelect, CumulativeCheck, GroupSelect, MetricSelect, PartsSelect, RowsSelect } from "./controls.tsx";
import { Course } from "./course.tsx";
import { Ranking } from "./ranking.tsx";
import { useUsageView } from "./view.ts";

/** What not every visit needs comes when it is wanted. */
const ExportDialog = lazy(async () => ({ default: (await import("./export-dialog.tsx")).ExportDialog }));
const Report = lazy(async () => ({ default: (await import("./report.tsx")).Report }));

const TABS = ["trend", "breakdown", "explore", "report"] as const;

/** What was used: over time, in parts, in any way one likes, and month by month. */
export function UsagePage() {
  const scope = useScope();
  const brush = createBrush(scope);
  const view = useUsageView(scope);
  const isNarrow = createMedia("(max-width: 47.99rem)");
  const [tab, setTab] = useChoice("tab", TABS);
  const [selects, setSelects] = createSignal<{ metric?: HTMLSelectElement; bucket?: HTMLSelectElement }>({});
  useShortcuts([
    { keys: "m", label: () => t("usage.metric"), run: () => selects().metric?.focus() },
    { keys: "b", label: () => t("usage.bucket"), run: () => selects().bucket?.focus() },
  ]);
  const course = createMemo(() => view.series(tab()));
  const asked = createMemo(() => view.breakdown(tab()));
  const series = useQuery(() => ({
    queryKey: ["stats", "series", course()],
    enabled: tab() === "trend" || tab() === "explore",
    queryFn: ({ signal }) => readSeries(course(), signal),
  }));
  const breakdown = useQuery(() => ({
    queryKey: ["stats", "breakdown", asked()],
    enabled: tab() !== "report",
    queryFn: ({ signal }) => readBreakdown(asked(), signal),
  }));
  const metric = () => (
    <MetricSelect view={view} ref={(element) => setSelects((all) => ({ ...all, metric: element }))} />
  );
  const bucket = () => (
    <BucketSelect view={view} ref={(element) => setSelects((all) => ({ ...all, bucket: element }))} />
  );
  const group = () => <GroupSelect label={t("usage.group")} value={view.group()} onChange={view.setGroup} />;
  const sub = () => (
    <GroupSelect
      label={t("usage.sub")}
      value={view.sub()}
      none={t("usage.noSub")}
      without={view.group()}
      onChange={view.setSub}
    />
  );
  const ranking = (isWithSub: boolean) => (
    <Ranking
      query={breakdown}
      view={view}
      sub={isWithSub ? view.sub() : ""}
      scope={scope}
      series={isWithSub ? undefined : series.data}
      withCourses={!isWithSub}
    />
  );
  // On a narrow page it stands below the table, which must have its length first.
  const overTime = (cumulative: boolean) => (
    <Show when={!isNarrow() || !breakdown.isPending}>
      <Course query={series} metric={view.metricId()} cumulative={cumulative} brush={brush} />
    </Show>
  );

  /**
   * On narrow pages the table comes first, to the eye and to the Tab key: there it tells more than the drawing, which stands below
   * once it is known how long the table is.
   */
  const both = (course: () => JSX.Element, table: JSX.Element) => (
    <div class="flex flex-col gap-8">
      <Show when={isNarrow()} fallback={course()}>
        {table}
      </Show>
      <Show when={isNarrow()} fallback={table}>
        <Show when={!breakdown.isPending}>{course()}</Show>
      </Show>
    </div>
  );

  return (
    <Page
      title={t("usage.title")}
      actions={
        <>
          <SavedViews page="usage" path="/usage" />
          <Show when={tab() !== "report"}>
            <LaterDialog label={t("usage.export.label")}>
              {(open, close) => (
                <ExportDialog
                  open={open()}
                  onClose={close}
                  breakdown={breakdown.data}
                  series={series.data}
                  course={tab() !== "breakdown"}
                  requests={scope.query()}
                />
              )}
            </LaterDialog>
          </Show>
        </>
      }
    >
      <ScopeBar scope={scope} compare />
      <NarrowedBy scope={scope} />
      <Tabs
        label={t("usage.title")}
        value={tab()}
        onChange={(id) => setTab(id as (typeof TABS)[number])}
        tabs={[
          {
            id: "trend",
            name: t("usage.tabs.trend"),
            content: () => (
              <>
                <div class="mb-5 flex flex-wrap items-center gap-2">
                  {metric()}
                  {group()}
                  {bucket()}
                </div>
                {both(() => overTime(false), ranking(false))}
              </>
            ),
          },
          {
            id: "breakdown",
            name: t("usage.tabs.breakdown"),
            content: () => (
              <>
                <div class="mb-5 flex flex-wrap items-center gap-2">
                  {metric()}
                  {group()}
                  {sub()}
                  <RowsSelect view={view} />
                </div>
                {ranking(true)}
              </>
            ),
          },
          {
            id: "explore",
            name: t("usage.tabs.explore"),
            content: () => (
              <>
                <div class="mb-5 flex flex-wrap items-center gap-2">
                  {metric()}
                  {group()}
                  {sub()}
                  {bucket()}
                  <PartsSelect view={view} />
                  <RowsSelect view={view} />
                  <CumulativeCheck view={view} />
                </div>
                {both(() => overTime(view.cumulative() === "on"), ranking(true))}
              </>
            ),
          },
          {
            id: "report",
            name: t("usage.tabs.report"),
            content: () => (
              <Suspense>
                <Report scope={scope} />
              </Suspense>
            ),
          },
        ]}
      />
    </Page>
  );
}
