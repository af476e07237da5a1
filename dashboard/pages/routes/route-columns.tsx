import { Show } from "solid-js";
import type { Column } from "../../components/data-table.tsx";
import { duration, percent, shortCount } from "../../format/numbers.ts";
import { exactTime, relativeTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { ListedRoute } from "./route-draft.ts";
import { RouteWarnings, warningsOf } from "./route-warnings.tsx";
import { TargetList } from "./target-list.tsx";
import type { Targets } from "./use-targets.ts";

const NONE = () => <span class="text-ink-3">—</span>;

/** The columns of routes. */
export const routeColumns = (
  nameOf: (organization: string) => string,
  health: Targets,
): readonly Column<ListedRoute>[] => [
  {
    id: "name",
    name: () => t("routes.name"),
    sort: "name",
    cell: (row) => <span class="font-mono break-words">{row.name}</span>,
  },
  {
    id: "strategy",
    name: () => t("routes.strategy"),
    priority: 3,
    cell: (row) => <Chip tone="plain">{t(`routes.strategies.${row.strategy}`)}</Chip>,
  },
  { id: "targets", name: () => t("routes.targets"), cell: (row) => <TargetList route={row} health={health} /> },
  {
    id: "requests",
    name: () => t("routes.requests"),
    sort: "requests",
    numeric: true,
    priority: 2,
    cell: (row) => (row.figures ? shortCount(row.figures.requests) : NONE()),
  },
  {
    id: "errors",
    name: () => t("routes.errors"),
    numeric: true,
    priority: 2,
    cell: (row) => (row.figures?.error_rate == null ? NONE() : percent(row.figures.error_rate)),
  },
  {
    id: "p95",
    name: () => t("routes.p95"),
    numeric: true,
    priority: 2,
    cell: (row) => (row.figures?.duration_ms_p95 == null ? NONE() : duration(row.figures.duration_ms_p95)),
  },
  {
    id: "warnings",
    name: () => t("routes.warnings"),
    priority: 2,
    cell: (row) => (
      <Show when={warningsOf(row).length > 0} fallback={NONE()}>
        <div class="w-52 py-1">
          <RouteWarnings route={row} />
        </div>
      </Show>
    ),
  },
  {
    id: "organization",
    name: () => t("common.organization"),
    priority: 3,
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
