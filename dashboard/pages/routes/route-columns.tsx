import { For, Show } from "solid-js";
import type { Column } from "../../components/data-table.tsx";
import { RouteLine } from "../../components/route-line.tsx";
import { exactTime, relativeTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { ListedRoute, RouteRow } from "./route-draft.ts";

/** Where a route leads: its line, and its targets in order, which is what the line draws. */
export function Targets(props: { route: Pick<RouteRow, "targets" | "strategy"> }) {
  const sum = () => props.route.targets.reduce((all, { weight }) => all + weight, 0);
  return (
    <span class="flex items-center gap-2">
      <RouteLine class="shrink-0 text-accent max-md:hidden" end="reached" />
      <span class="min-w-0">
        <For each={props.route.targets}>
          {(target, index) => (
            <>
              <Show when={index() > 0}>
                <span class="text-ink-3">{props.route.strategy === "ordered" ? " → " : " · "}</span>
              </Show>
              <span class="font-mono text-meta">{target.model}</span>
              <Show when={props.route.strategy === "weighted"}>
                <span class="text-meta text-ink-3"> {Math.round((target.weight / sum()) * 100)} %</span>
              </Show>
            </>
          )}
        </For>
      </span>
    </span>
  );
}

/** The columns of routes. */
export const routeColumns = (nameOf: (organization: string) => string): readonly Column<ListedRoute>[] => [
  {
    id: "name",
    name: () => t("routes.name"),
    sort: "name",
    cell: (row) => <span class="font-mono break-all">{row.name}</span>,
  },
  {
    id: "strategy",
    name: () => t("routes.strategy"),
    priority: 2,
    cell: (row) => <Chip tone="plain">{t(`routes.strategies.${row.strategy}`)}</Chip>,
  },
  { id: "targets", name: () => t("routes.targets"), cell: (row) => <Targets route={row} /> },
  {
    id: "warnings",
    name: () => t("routes.warnings"),
    priority: 2,
    cell: (row) => (
      <Show when={row.targets.length === 1} fallback={<span class="text-ink-3">—</span>}>
        <Chip tone="warn">{t("routes.noFallback")}</Chip>
      </Show>
    ),
  },
  {
    id: "organization",
    name: () => t("common.organization"),
    priority: 2,
    cell: (row) => nameOf(row.organization_id),
  },
  {
    id: "updated",
    name: () => t("routes.updated"),
    priority: 3,
    sort: "updated_at",
    cell: (row) => (
      <time datetime={row.updated_at} title={exactTime(row.updated_at)} class="whitespace-nowrap">
        {relativeTime(row.updated_at, Date.now())}
      </time>
    ),
  },
];
