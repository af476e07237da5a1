import type { Series } from "../api/stats.ts";
import type { ChartBucket, ChartSeries, ChartValues, Tone } from "../charts/chart.ts";
import { bucketWords } from "../format/bucket.ts";
import { cumulative } from "./buckets.ts";
import { groupId } from "./group.ts";
import { groupTones } from "./group-tones.ts";
import { groupName } from "./groups.ts";
import { type MetricId, metric, metricName, partValue } from "./metrics.ts";

export interface Drawn {
  look: "bars" | "lines";
  buckets: ChartBucket[];
  series: ChartSeries[];
  previous: ChartValues | undefined;
}

/** Lines of one chart by their name; the one that is compared with the period before is named last. */
const LINE_TONES: Record<string, Tone> = { p50: 2, p95: 1, p99: 3 };
const COMPARED = "p95";

/** A series as a chart shows it: a metric in parts, as stacks; a rate or latency as lines. */
export function drawnOf(answer: Series, id: MetricId, options: { cumulative: boolean }): Drawn {
  const known = metric(id);
  const sums = options.cumulative && known.parts ? cumulative : (values: ChartValues): ChartValues => values;
  const buckets = answer.data.map(({ from, to, complete }) => ({
    ...{ from, to, complete },
    ...bucketWords(answer.bucket, from, to, answer.tz),
  }));
  const compared = (of: (point: Series["data"][number]) => number | null) =>
    // As many buckets as are drawn: the period before may begin with a part of one more.
    answer.previous
      ? sums(answer.data.map((_, index) => (answer.previous?.[index] ? of(answer.previous[index]) : null)))
      : undefined;

  if (known.lines) {
    const lines = Object.entries(known.lines);
    const main = known.lines[COMPARED] ?? lines[0]?.[1];
    return {
      look: "lines",
      buckets,
      series: lines.map(([name, of]) => ({
        id: name,
        name: lines.length > 1 ? name : metricName(id),
        tone: LINE_TONES[name] ?? 1,
        values: answer.data.map(of),
      })),
      previous: main && compared(main),
    };
  }
  const whole: ChartSeries = {
    ...{ id, name: metricName(id), tone: 1, values: sums(answer.data.map((point) => known.of(point))) },
  };
  return {
    look: "bars",
    buckets,
    series: answer.groups === null ? [whole] : partsOf(answer, id, sums),
    previous: compared((point) => known.of(point)),
  };
}

function partsOf(answer: Series, id: MetricId, sums: (values: ChartValues) => ChartValues): ChartSeries[] {
  const groups = answer.groups ?? [];
  const tones = groupTones(groups);
  const all = groups.map((group, index) => ({
    id: groupId(group),
    name: groupName(group),
    tone: tones.get(groupId(group)) ?? "other",
    hatched: group.kind === "unattributed",
    values: sums(answer.data.map(({ parts }) => partValue(id, parts?.[id as keyof typeof parts]?.[index] ?? 0))),
  }));
  // Of one figure the first groups may have nothing: those with a status of 200 no errors.
  return all.filter(({ values }) => values.some((value) => value !== 0));
}
