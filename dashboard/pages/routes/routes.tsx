import { createMemo, createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { Empty } from "../../components/empty.tsx";
import { BranchFilter, FilterInput } from "../../components/filter-input.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { DryRun } from "./dry-run.tsx";
import { InForce } from "./in-force.tsx";
import { routeColumns } from "./route-columns.tsx";
import { RouteDrawer } from "./route-drawer.tsx";
import { TargetsPanel } from "./targets-panel.tsx";
import { useTargets } from "./use-targets.ts";

const NEW = "new";

/** An organization's own model names, where each leads, and where a request would go. */
export function RoutesPage() {
  const { can } = useAccount();
  const organizations = useOrganizations();
  const [q, setQ] = useParam("q");
  const [organization, setOrganization] = useParam("org");
  const [sort, setSort] = useParam("sort", "-requests");
  const [open, setOpen] = useParam("id");
  const [tab, setTab] = useParam("tab", "routes");
  const [state, setState] = useParam("health");
  const [trying, setTrying] = createSignal<string | null>(null);
  const query = createMemo(() => ({
    sort: sort() as "-requests",
    figures: "true" as const,
    ...(q() ? { q: q() } : {}),
    ...(organization() ? { organization: organization() } : {}),
  }));
  const list = usePages(() => ({
    key: ["routes", "list", query()],
    read: (cursor, init) => ask(api.routes.$get({ query: { ...query(), ...cursor } }, init)),
  }));
  const health = useTargets(organization);
  const nameOf = (id: string) => organizations.data?.data.find((one) => one.id === id)?.name ?? id;
  const mayChange = () => can("routes:write");
  useShortcuts([
    ...(mayChange() ? [{ keys: "c", label: () => t("routes.create"), run: () => setOpen(NEW) }] : []),
    { keys: "d", label: () => t("routes.dryRun"), run: () => setTrying("") },
  ]);
  const create = () => (
    <Button look="primary" onClick={() => setOpen(NEW)}>
      {t("routes.create")}
    </Button>
  );
  return (
    <Page
      title={t("routes.title")}
      lead={t("routes.lead")}
      actions={
        <>
          <Button look="plain" onClick={() => setTrying("")}>
            {t("routes.dryRun")}
          </Button>
          <Show when={mayChange()}>{create()}</Show>
        </>
      }
    >
      <Tabs
        label={t("routes.views")}
        value={state() ? "targets" : tab()}
        onChange={(id) => {
          setState("");
          setTab(id);
        }}
        tabs={[
          {
            id: "routes",
            name: t("routes.title"),
            content: () => (
              <>
                <div class="mb-4 flex flex-wrap gap-2">
                  <FilterInput label={t("routes.search")} value={q()} onChange={setQ} main />
                  <BranchFilter value={organization()} onChange={setOrganization} />
                </div>
                <ListPanel
                  title={t("routes.title")}
                  hideTitle
                  list={list}
                  columns={routeColumns(nameOf, health)}
                  rowId={(row) => row.id}
                  openId={open()}
                  onOpen={(row) => setOpen(row.id)}
                  sort={sort()}
                  onSort={setSort}
                  skeletonRows={6}
                  narrowed={Boolean(q() || organization())}
                  onClear={() => {
                    setQ("");
                    setOrganization("");
                  }}
                  empty={
                    <Empty title={t("routes.empty")} hint={t("routes.emptyHint")}>
                      <Show when={mayChange()}>{create()}</Show>
                    </Empty>
                  }
                />
              </>
            ),
          },
          {
            id: "targets",
            name: t("routes.health"),
            content: () => <TargetsPanel targets={health} state={state()} onAll={() => setState("")} />,
          },
          {
            id: "in-force",
            name: t("routes.inForceTab"),
            content: () => <InForce organization={organization()} nameOf={nameOf} />,
          },
        ]}
      />
      <RouteDrawer
        id={open()}
        organization={organization()}
        onClose={() => setOpen("")}
        onTry={setTrying}
        health={health}
        listed={list.query.isPending ? undefined : (list.rows().find(({ id }) => id === open()) ?? null)}
      />
      <DryRun model={trying()} organization={organization()} onClose={() => setTrying(null)} />
    </Page>
  );
}
