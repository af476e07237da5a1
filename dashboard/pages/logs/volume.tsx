import { createMemo } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import type { ChartBucket, ChartSeries } from "../../charts/chart.ts";
import { TimeChart } from "../../charts/time-chart.tsx";
import { bucketWords } from "../../format/bucket.ts";
import { count, shortCount } from "../../format/numbers.ts";
import { createBrush } from "../../state/brush.ts";
import { plural, t } from "../../text/text.ts";
import type { LogFilters } from "./log-filters.ts";

const BARS = 96;
const HEIGHT = 104;
/** From so long on a bar is told by its day. */
const DAYLIKE_MS = 12 * 3_600_000;

/** Requests over time above the list; what failed is hatched. A stretch is chosen by dragging, or by Shift and arrows. */
export function Volume(props: { filters: LogFilters }) {
  const brush = createBrush(props.filters.scope);
  const bars = useQuery(() => ({
    queryKey: ["logs", "histogram", props.filters.query()],
    queryFn: ({ signal }) =>
      ask(
        api.requests.histogram.$get({ query: { ...props.filters.query(), bars: String(BARS) } }, { init: { signal } }),
      ),
  }));
  const data = () => bars.data?.data ?? [];
  const buckets = createMemo(() =>
    data().map(({ from, to }): ChartBucket => {
      const isDay = Date.parse(to) - Date.parse(from) >= DAYLIKE_MS;
      return { from, to, complete: true, ...bucketWords(isDay ? "day" : "hour", from, to, props.filters.scope.zone()) };
    }),
  );
  const series = createMemo((): ChartSeries[] => [
    {
      id: "failed",
      name: t("logs.volume.failed"),
      tone: "bad",
      hatched: true,
      values: data().map(({ errors }) => errors),
    },
    {
      id: "ended",
      name: t("logs.volume.ended"),
      tone: "other",
      values: data().map(({ requests, errors }) => requests - errors),
    },
  ]);
  const sum = (of: "requests" | "errors") => data().reduce((all, bar) => all + bar[of], 0);

  return (
    <section aria-label={t("logs.volume.label")} aria-busy={bars.isFetching} class="-mt-3">
      <TimeChart
        label={t("logs.volume.label")}
        unit={t("logs.volume.summary", {
          requests: plural("logs.count.exact", sum("requests")),
          errors: count(sum("errors")),
        })}
        look="bars"
        buckets={buckets()}
        series={series()}
        format={(value) => count(value)}
        formatShort={(value) => shortCount(value)}
        whole
        named={false}
        height={HEIGHT}
        onSelect={(from, to) => {
          const [first, last] = [data()[from], data()[to]];
          if (first && last) brush.select(first.from, last.to);
        }}
        onReset={brush.reset}
      />
    </section>
  );
}
