import { For, type JSX, Show } from "solid-js";
import type { Summary } from "../../api/stats.ts";
import { count, duration, money, percent, shortCount, shortMoney } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { type Change, changeOf } from "../../usage/change.ts";
import { Delta } from "../../usage/delta.tsx";
import type { MetricId } from "../../usage/metrics.ts";
import { metric } from "../../usage/metrics.ts";

interface Figure {
  id: MetricId;
  name: string;
  value: string;
  /** With every digit. */
  exact: string;
  change: Change;
}

const number = (value: string | number | undefined): number | null => (value === undefined ? null : Number(value));

/** The six figures that say how a period went. */
function figuresOf({ previous, ...now }: Summary): Figure[] {
  const p95 = now.latency.duration_ms.p95;
  const dollars = Number(now.cost_usd);
  return [
    {
      ...{ id: "cost", name: t("common.metrics.cost"), exact: `$${now.cost_usd}` },
      value: dollars < 1_000_000 ? money(now.cost_usd) : shortMoney(dollars),
      change: changeOf(dollars, number(previous?.cost_usd), "relative"),
    },
    {
      ...{ id: "requests", name: t("common.metrics.requests") },
      ...{ value: shortCount(now.requests), exact: count(now.requests) },
      change: changeOf(Number(now.requests), number(previous?.requests), "relative"),
    },
    {
      ...{ id: "tokens", name: t("common.metrics.tokens") },
      ...{ value: shortCount(now.tokens.total), exact: count(now.tokens.total) },
      change: changeOf(Number(now.tokens.total), number(previous?.tokens.total), "relative"),
    },
    {
      ...{ id: "error_rate", name: t("common.metrics.error_rate"), value: percent(now.error_rate) },
      exact: t("overview.errorsOf", { errors: count(now.errors), requests: count(now.requests) }),
      change: changeOf(now.error_rate, previous?.error_rate ?? null, "points"),
    },
    {
      ...{ id: "latency", name: t("overview.p95"), value: p95 === null ? "—" : duration(p95) },
      exact: now.latency.sampled ? t("overview.sampled", { requests: count(now.latency.requests) }) : "",
      change: changeOf(p95, previous?.latency.duration_ms.p95 ?? null, "relative"),
    },
    {
      ...{ id: "cache_share", name: t("common.metrics.cache_share"), value: percent(now.cache_share) },
      exact: t("overview.saved", { usd: money(now.cache_savings.saved_usd) }),
      change: changeOf(now.cache_share, previous?.cache_share ?? null, "points"),
    },
  ];
}

const Grid = (props: { children: JSX.Element }) => (
  <ul class="-mt-2 grid grid-cols-2 gap-y-5 md:grid-cols-3 xl:grid-cols-6">{props.children}</ul>
);

/** Each leads to its course over time; its name has the value and the change, for those who hear it. */
export const FigureRow = (props: { summary: Summary; search: string }) => {
  const link = (id: MetricId) => {
    const search = new URLSearchParams(props.search);
    if (id !== "cost") search.set("metric", id);
    return search.size > 0 ? `/usage?${search}` : "/usage";
  };
  const as = (id: MetricId) => metric(id).change;
  return (
    <Grid>
      <For each={figuresOf(props.summary)}>
        {({ id, name, value, exact, change }) => (
          <li class="border-rule px-4 first:pl-0 max-md:odd:pl-0 max-md:even:border-l md:max-xl:[&:not(:nth-child(3n+1))]:border-l md:max-xl:[&:nth-child(3n+1)]:pl-0 xl:not-first:border-l">
            <a href={link(id)} class="group block" title={exact}>
              <span class="caps block">{name}</span>
              <span class="mt-1 block text-figure font-[650] tracking-tight group-hover:underline">{value}</span>
              <span class="block min-h-4.5 text-meta">
                <Show when={props.summary.previous}>
                  <Delta change={change} as={as(id)} up={metric(id).up} />
                  <span class="sr-only"> {t("common.change.against")}</span>
                </Show>
              </span>
            </a>
          </li>
        )}
      </For>
    </Grid>
  );
};

export const FiguresSkeleton = () => (
  <div class="skeleton-late" aria-hidden="true">
    <Grid>
      <For each={Array(6)}>
        {() => (
          <li class="h-[4.375rem] px-4 first:pl-0">
            <span class="skeleton block h-3 w-16" />
            <span class="skeleton mt-3 block h-6 w-24" />
          </li>
        )}
      </For>
    </Grid>
  </div>
);
