import { useLocation } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import type { Breakdown } from "../api/stats.ts";
import type { ChartValues, Tone } from "../charts/chart.ts";
import type { Scope } from "../state/scope.ts";
import { t } from "../text/text.ts";
import { changeOf } from "./change.ts";
import { groupFilter, type Label } from "./group.ts";
import { groupTones } from "./group-tones.ts";
import { dimensionName } from "./groups.ts";
import { logsLink } from "./logs-link.ts";
import { type MetricId, metric, metricName } from "./metrics.ts";
import { rankedOf } from "./ranked.ts";
import { Measures, UsageRow } from "./usage-row.tsx";

/**
 * A metric in parts, the largest first, each a link to its requests; what is left and what has no value, and the total that
 * all of them add up to. With a sub-group each part opens.
 */
export function UsageTable(props: {
  answer: Breakdown;
  metric: MetricId;
  group: string;
  sub?: string;
  scope: Pick<Scope, "from" | "to">;
  compared: boolean;
  unpriced: ReadonlySet<string>;
  /** Narrows the page by a filter. */
  onOnly?: (filter: readonly [name: string, value: string]) => void;
  /** How each group went, by its id; where the chart above has the same groups. */
  courses?: ReadonlyMap<string, ChartValues> | undefined;
}) {
  const location = useLocation();
  const known = () => metric(props.metric);
  const rows = createMemo(() => rankedOf(props.answer, known()));
  const most = createMemo(() => Math.max(0, ...rows().map(({ value }) => value ?? 0)));
  const tones = createMemo<Map<string, Tone>>(() => groupTones(props.answer.data));
  const [closed, setClosed] = createSignal<ReadonlySet<string>>(new Set());
  const toggle = (id: string) =>
    setClosed((all) => (all.has(id) ? new Set([...all].filter((one) => one !== id)) : new Set([...all, id])));
  const linkOf = (row: Label, by: string, above?: readonly [string, string] | null) => {
    const filter = groupFilter(by, row);
    if (!filter) return undefined;
    const search = above ? `${location.search || "?"}&${new URLSearchParams([[...above]])}` : location.search;
    return logsLink(search, props.scope, { filter, metric: props.metric });
  };
  const onlyOf = (row: Label) => {
    const filter = groupFilter(props.group, row);
    return filter && props.onOnly ? () => props.onOnly?.(filter) : undefined;
  };
  const columns = () => (props.compared ? 6 : 4);

  return (
    <div class="scroll-sideways mt-2">
      <table class="w-full border-collapse text-table">
        <caption class="sr-only">{metricName(props.metric)}</caption>
        <thead>
          <tr class="border-b border-rule text-meta text-ink-3">
            <th scope="col" class="h-8 pr-2 text-left font-semibold">
              {dimensionName(props.group)}
            </th>
            <th scope="col" class="w-1/4 px-2 max-lg:hidden">
              <span class="sr-only">{t("usage.table.bar")}</span>
            </th>
            <Show when={props.courses}>
              <th scope="col" class="w-28 px-2 text-left font-semibold max-xl:hidden">
                {t("usage.table.course")}
              </th>
            </Show>
            <th scope="col" class="px-2 text-right font-semibold whitespace-nowrap">
              {props.metric === "latency" || props.metric === "ttft"
                ? t("usage.table.average")
                : metricName(props.metric)}
            </th>
            <Show when={known().parts}>
              <th scope="col" class="px-2 text-right font-semibold max-sm:hidden">
                {t("usage.table.share")}
              </th>
            </Show>
            <Show when={props.compared}>
              <th scope="col" class="px-2 text-right font-semibold whitespace-nowrap max-md:hidden">
                {t("common.chart.previous")}
              </th>
              <th scope="col" class="pl-2 text-right font-semibold">
                {t("usage.table.change")}
              </th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(ranked) => {
              const isOpen = () => !closed().has(ranked.id);
              return (
                <>
                  <UsageRow
                    ranked={ranked}
                    metric={known()}
                    most={most()}
                    tone={tones().get(ranked.id) ?? "other"}
                    href={linkOf(ranked.row, props.group)}
                    compared={props.compared}
                    unpriced={props.unpriced.has(ranked.row.value ?? "")}
                    onOnly={onlyOf(ranked.row)}
                    course={props.courses && (props.courses.get(ranked.id) ?? [])}
                    open={ranked.sub.length > 0 ? isOpen() : undefined}
                    onToggle={() => toggle(ranked.id)}
                  />
                  <Show when={isOpen() && props.sub}>
                    {(sub) => (
                      <For each={ranked.sub}>
                        {(part) => (
                          <UsageRow
                            ranked={part}
                            metric={known()}
                            most={most()}
                            tone={tones().get(ranked.id) ?? "other"}
                            href={linkOf(part.row, sub(), groupFilter(props.group, ranked.row))}
                            compared={props.compared}
                            unpriced={props.unpriced.has(part.row.value ?? "")}
                            below
                          />
                        )}
                      </For>
                    )}
                  </Show>
                </>
              );
            }}
          </For>
          <Show when={rows().length === 0}>
            <tr>
              <td colspan={columns()} class="py-3 text-ink-2">
                {t("usage.nothing")}
              </td>
            </tr>
          </Show>
        </tbody>
        <tfoot>
          <tr class="h-8 border-t-2 border-ink font-semibold">
            <th scope="row" class="pr-2 text-left">
              {t("common.chart.total")}
            </th>
            <td class="max-lg:hidden" />
            <Show when={props.courses}>
              <td class="max-xl:hidden" />
            </Show>
            <Measures
              figures={props.answer.total}
              previous={props.answer.total.previous}
              metric={known()}
              share={known().parts ? 1 : null}
              change={changeOf(
                known().of(props.answer.total),
                props.answer.total.previous && known().of(props.answer.total.previous),
                known().change,
              )}
              compared={props.compared}
              unpriced={false}
            />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
