import { createMemo, For, Show } from "solid-js";
import { type Breakdown, readBreakdown, readSummary, type StatsQuery } from "../../api/stats.ts";
import { useQuery } from "../../api/use-query.ts";
import { useOrganizations } from "../../components/organization-select.tsx";
import { type Asked, Panel } from "../../components/panel.tsx";
import { count, money, percent } from "../../format/numbers.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { download } from "../../state/download.ts";
import type { Scope } from "../../state/scope.ts";
import { numberLocale, t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { inParts } from "../../usage/groups.ts";
import { metricName } from "../../usage/metrics.ts";
import { lastMonths, monthPeriod } from "../../usage/months.ts";
import { breakdownCsv } from "../../usage/usage-csv.ts";
import { UsageTable } from "../../usage/usage-table.tsx";
import { useUnpriced } from "./unpriced.ts";
import { WhatIf } from "./what-if.tsx";

const MONTHS = 13;
const SECTIONS = ["organization", "model", "key", "member"] as const;
const MOST_ROWS = "100";

/** What an organization and those below it used in a month, to be printed or taken along. */
export function Report(props: { scope: Scope }) {
  const { account } = useAccount();
  const months = createMemo(() => lastMonths(Date.now(), props.scope.zone(), MONTHS));
  const [monthParam, setMonth] = useParam("month");
  const month = () => (months().includes(monthParam()) ? monthParam() : (months()[0] ?? ""));
  const period = createMemo(() => monthPeriod(month(), props.scope.zone()));
  const query = createMemo<StatsQuery>(() => {
    const { from: _from, to: _to, ...scope } = props.scope.query();
    // What is still to come cannot be asked for.
    const isOver = Date.parse(period().to) <= Date.now();
    return { ...scope, from: period().from, compare: "previous", ...(isOver ? { to: period().to } : {}) };
  });
  const monthName = (id: string) =>
    new Intl.DateTimeFormat(numberLocale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(
      new Date(`${id}-01T00:00:00Z`),
    );
  const organizations = useOrganizations();
  const organization = () =>
    organizations.data?.data.find(({ id }) => id === props.scope.organization())?.name ?? account().organization.name;
  const summary = useQuery(() => ({
    queryKey: ["stats", "summary", query()],
    queryFn: ({ signal }) => readSummary(query(), signal),
  }));
  const parts = SECTIONS.map((section) => {
    const asked = () => ({ ...query(), group: section, by: "cost", top: MOST_ROWS });
    return {
      section,
      answer: useQuery(() => ({
        queryKey: ["stats", "breakdown", asked()],
        queryFn: ({ signal }) => readBreakdown(asked(), signal),
      })),
    };
  });
  const isThere = (place: number) =>
    !summary.isPending && parts.slice(0, place).every(({ answer }) => !answer.isPending);

  return (
    <div class="space-y-8">
      <div class="flex flex-wrap items-center gap-2 print:hidden">
        <BarSelect
          label={t("usage.report.month")}
          value={month()}
          onChange={(event) => setMonth(event.currentTarget.value)}
        >
          <For each={months()}>
            {(id) => (
              <option value={id} selected={id === month()}>
                {monthName(id)}
              </option>
            )}
          </For>
        </BarSelect>
        <Button look="plain" onClick={() => print()}>
          {t("usage.report.print")}
        </Button>
      </div>
      <Panel
        title={t("usage.report.title", { month: monthName(month()), organization: organization() })}
        query={summary}
        skeleton={<RowsSkeleton rows={3} />}
      >
        {(data) => (
          <dl class="mt-3 grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-4">
            <Fact name={t("common.metrics.cost")} value={money(data().cost_usd)} title={`$${data().cost_usd}`} />
            <Fact name={t("common.metrics.requests")} value={count(data().requests)} />
            <Fact name={t("common.metrics.tokens")} value={count(data().tokens.total)} />
            <Fact name={t("common.metrics.error_rate")} value={percent(data().error_rate)} />
            <Fact
              name={t("common.metrics.input")}
              value={count(Number(data().tokens.total) - Number(data().tokens.output))}
            />
            <Fact name={t("common.metrics.output")} value={count(data().tokens.output)} />
            <Fact name={t("common.metrics.cache_share")} value={percent(data().cache_share)} />
            <Fact
              name={t("usage.report.saved")}
              value={money(data().cache_savings.saved_usd)}
              title={`$${data().cache_savings.saved_usd}`}
            />
          </dl>
        )}
      </Panel>
      {/* All are asked at once; each stands when those above it do, so that none is pushed down. */}
      <For each={parts}>
        {({ section, answer }, place) => (
          <Show when={isThere(place())}>
            <Section section={section} query={answer} period={query()} name={`${month()}-${section}`} />
          </Show>
        )}
      </For>
      <Show when={isThere(parts.length)}>
        <div class="print:hidden">
          <WhatIf query={query()} until={period().to} />
        </div>
      </Show>
    </div>
  );
}

const Fact = (props: { name: string; value: string; title?: string }) => (
  <div>
    <dt class="caps">{props.name}</dt>
    <dd class="mt-0.5 text-[1.125rem]/6 font-[650]" title={props.title}>
      {props.value}
    </dd>
  </div>
);

/** The month's spend by one dimension. */
function Section(props: {
  section: (typeof SECTIONS)[number];
  query: Asked<Breakdown>;
  period: StatsQuery;
  name: string;
}) {
  const unpriced = useUnpriced(
    () => props.query.data,
    () => [props.section],
  );
  const scope = {
    from: () => String(props.period.from),
    to: () => String(props.period.to ?? ""),
  };
  return (
    <Panel
      title={inParts(metricName("cost"), props.section)}
      query={props.query}
      skeleton={<RowsSkeleton rows={6} />}
      aside={
        // Its place is kept: what stands beside must not move when there is something to download.
        <Button
          look="quiet"
          class={`print:hidden ${props.query.data ? "" : "invisible"}`}
          onClick={() => props.query.data && download(`usage-${props.name}.csv`, breakdownCsv(props.query.data))}
        >
          {t("usage.report.csv")}
        </Button>
      }
    >
      {(data) => (
        <UsageTable answer={data()} metric="cost" group={props.section} scope={scope} compared unpriced={unpriced()} />
      )}
    </Panel>
  );
}
