import { useLocation } from "@solidjs/router";
import { createMemo, Show } from "solid-js";
import { readBreakdown, type StatsQuery } from "../../api/stats.ts";
import { useQuery } from "../../api/use-query.ts";
import { RankedBars } from "../../charts/ranked-bars.tsx";
import { Panel } from "../../components/panel.tsx";
import type { Scope } from "../../state/scope.ts";
import { t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { changeOf } from "../../usage/change.ts";
import { Delta } from "../../usage/delta.tsx";
import { groupFilter, groupId } from "../../usage/group.ts";
import { groupTones } from "../../usage/group-tones.ts";
import { type GroupBy, groupName } from "../../usage/groups.ts";
import { logsLink } from "../../usage/logs-link.ts";
import { type MetricId, metric } from "../../usage/metrics.ts";
import { moversOf } from "../../usage/movers-of.ts";

const SHOWN = 5;
/** So many groups are looked at. */
const AMONG = "100";

/** What changed most against the period before, whichever way. */
export function Movers(props: { near: boolean; query: StatsQuery; metric: MetricId; group: GroupBy; scope: Scope }) {
  const location = useLocation();
  const asked = createMemo(() => ({
    ...props.query,
    ...{ compare: "previous", group: props.group, by: metric(props.metric).rank, top: AMONG },
  }));
  const query = useQuery(() => ({
    queryKey: ["stats", "breakdown", asked()],
    enabled: props.near,
    queryFn: ({ signal }) => readBreakdown(asked(), signal),
  }));
  const bars = createMemo(() => {
    const known = metric(props.metric);
    const movers = moversOf(query.data?.data ?? [], known.of, SHOWN);
    const tones = groupTones(movers.map(({ row }) => row));
    return movers.map(({ row, now, before, by }) => ({
      ...{
        id: groupId(row),
        name: groupName(row),
        value: Math.abs(by),
        tone: tones.get(groupId(row)) ?? ("other" as const),
      },
      href: logsLink(location.search, props.scope, { filter: groupFilter(props.group, row), metric: props.metric }),
      text: (
        <span class="flex gap-3">
          <Delta change={changeOf(now, before, "relative")} as="relative" up={known.up} />
          <span title={`${known.format(before)} → ${known.format(now)}`}>
            {by > 0 ? "+" : "−"}
            {known.format(Math.abs(by))}
          </span>
        </span>
      ),
    }));
  });
  return (
    <Panel title={t("overview.movers")} query={query} skeleton={<RowsSkeleton rows={SHOWN} />}>
      {() => (
        <Show when={bars().length > 0} fallback={<p class="py-3 text-ink-2">{t("overview.still")}</p>}>
          <RankedBars label={t("overview.movers")} bars={bars()} />
        </Show>
      )}
    </Panel>
  );
}
