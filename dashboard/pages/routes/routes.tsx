import { useQueryClient } from "@tanstack/solid-query";
import { createMemo, createSignal, Show } from "solid-js";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { RouteLine } from "../../components/route-line.tsx";
import { count, percent } from "../../format/numbers.ts";
import { date, exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { DryRun } from "./dry-run.tsx";
import { RouteForm } from "./route-form.tsx";
import { type Route, useRoutes, useTraffic } from "./use-routes.ts";

/** An organization's own model names, and what stands behind each. */
export function RoutesPage() {
  const { can } = useAccount();
  const client = useQueryClient();
  const routes = useRoutes();
  const traffic = useTraffic();
  const organizations = useOrganizations();
  const [open, setOpen] = useParam("id");
  const [creating, setCreating] = createSignal(false);
  const [testing, setTesting] = createSignal<string | null>(null);
  const rows = createMemo(() => {
    const requests = ({ id }: Route) => Number(traffic.data?.get(id)?.requests ?? 0);
    return [...(routes.data?.data ?? [])].sort((a, b) => requests(b) - requests(a) || a.name.localeCompare(b.name));
  });
  const reread = () => client.invalidateQueries({ queryKey: ["routes"] });
  const create = () => can("routes:write") && setCreating(true);
  useShortcuts([
    { keys: "c", label: () => t("routes.create"), run: create },
    { keys: "d", label: () => t("routes.test"), run: () => setTesting(rows()[0]?.name ?? "") },
  ]);

  const columns: readonly Column<Route>[] = [
    {
      id: "name",
      name: () => t("routes.columns.name"),
      cell: (row) => <span class="font-mono text-meta break-all">{row.name}</span>,
    },
    {
      id: "targets",
      name: () => t("routes.columns.targets"),
      cell: (row) => (
        <span class="flex flex-wrap items-center gap-x-2 gap-y-1">
          <RouteLine class="shrink-0 text-accent" end="reached" />
          {row.targets.map(({ model }) => model).join(row.strategy === "ordered" ? " → " : " · ")}
          <Show when={row.targets.length === 1}>
            <Chip tone="warn">{t("routes.noFallback")}</Chip>
          </Show>
        </span>
      ),
    },
    {
      id: "strategy",
      name: () => t("routes.columns.strategy"),
      priority: 2,
      cell: (row) => t(`routes.strategies.${row.strategy}`),
    },
    {
      id: "organization",
      name: () => t("routes.columns.organization"),
      priority: 3,
      cell: (row) => (
        <span class="flex items-center gap-2">
          {organizations.data?.data.find(({ id }) => id === row.organization_id)?.name ?? row.organization_id}
          <Show when={row.inherited}>
            <Chip tone="plain">{t("routes.inherited")}</Chip>
          </Show>
        </span>
      ),
    },
    {
      id: "requests",
      name: () => t("routes.columns.requests"),
      numeric: true,
      priority: 2,
      cell: (row) => count(traffic.data?.get(row.id)?.requests ?? 0),
    },
    {
      id: "errors",
      name: () => t("routes.columns.errors"),
      numeric: true,
      priority: 3,
      cell: (row) => percent(traffic.data?.get(row.id)?.error_rate ?? null),
    },
    {
      id: "changed",
      name: () => t("routes.columns.changed"),
      priority: 3,
      cell: (row) => (
        <time datetime={row.updated_at} title={exactTime(row.updated_at)}>
          {date(row.updated_at)}
        </time>
      ),
    },
  ];

  return (
    <Page
      title={t("routes.title")}
      lead={t("routes.lead")}
      actions={
        <>
          <Button look="plain" onClick={() => setTesting(rows()[0]?.name ?? "")}>
            {t("routes.test")}
          </Button>
          <Show when={can("routes:write")}>
            <Button look="primary" onClick={create}>
              {t("routes.create")}
            </Button>
          </Show>
        </>
      }
    >
      <Panel title={t("routes.title")} hideTitle query={routes} skeleton={<RowsSkeleton rows={6} />}>
        {() => (
          <Show
            when={rows().length > 0}
            fallback={
              <Empty title={t("routes.empty")} hint={t("routes.emptyHint")}>
                <Show when={can("routes:write")}>
                  <Button look="primary" onClick={create}>
                    {t("routes.create")}
                  </Button>
                </Show>
              </Empty>
            }
          >
            <DataTable
              caption={t("routes.title")}
              columns={columns}
              rows={rows()}
              rowId={(row) => row.id}
              openId={open()}
              onOpen={(row) => setOpen(row.id)}
            />
          </Show>
        )}
      </Panel>
      <Show when={creating()}>
        <RouteForm
          route={null}
          requests={0}
          onClose={() => setCreating(false)}
          onChanged={reread}
          onTest={setTesting}
        />
      </Show>
      <Show when={rows().find(({ id }) => id === open())} keyed>
        {(route) => (
          <RouteForm
            route={route}
            requests={Number(traffic.data?.get(route.id)?.requests ?? 0)}
            onClose={() => setOpen("")}
            onChanged={reread}
            onTest={setTesting}
          />
        )}
      </Show>
      <Show when={testing() !== null}>
        <DryRun name={testing() ?? ""} onClose={() => setTesting(null)} />
      </Show>
    </Page>
  );
}
