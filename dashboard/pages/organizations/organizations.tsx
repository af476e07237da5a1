import { createSignal, For, Show } from "solid-js";
import { Empty } from "../../components/empty.tsx";
import { FilterInput } from "../../components/filter-input.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { CreateOrganization } from "./create-organization.tsx";
import { OrganizationDrawer } from "./organization-drawer.tsx";
import { TreeTable } from "./tree-table.tsx";
import { useTree } from "./use-tree.ts";

/** The tree of organizations, what they spend, and what flows down it. */
export function OrganizationsPage() {
  const { account, can } = useAccount();
  const tree = useTree();
  const [open, setOpen] = useParam("id");
  const [, setTab] = useParam("tab");
  const [creating, setCreating] = createSignal<string | null>(null);
  const mayMake = () => can("organizations:write");
  const show = (id: string) => {
    setTab("", "replace");
    setOpen(id);
  };
  useShortcuts(
    mayMake()
      ? [{ keys: "c", label: () => t("organizations.create"), run: () => setCreating(account().organization.id) }]
      : [],
  );
  return (
    <Page
      title={t("organizations.title")}
      lead={t("organizations.lead")}
      actions={
        <Show when={mayMake()}>
          <Button look="primary" onClick={() => setCreating(account().organization.id)}>
            {t("organizations.create")}
          </Button>
        </Show>
      }
    >
      <div class="mb-4">
        <FilterInput label={t("organizations.search")} value={tree.q()} onChange={tree.setQ} main />
      </div>
      <Panel title={t("organizations.title")} hideTitle query={tree.query} skeleton={<RowsSkeleton rows={6} />}>
        {() => (
          <Show
            when={tree.rows().length > 0}
            fallback={
              <Empty title={t("common.excluded")}>
                <Button look="plain" onClick={() => tree.setQ("")}>
                  {t("common.clearFilters")}
                </Button>
              </Empty>
            }
          >
            {/* On a narrow screen the way here has its line from the beginning: the table stays where it is. */}
            <Show when={tree.above().length > 0} fallback={<div class="-mb-1 h-8 md:hidden pointer-coarse:h-11" />}>
              <nav aria-label={t("organizations.above")} class="-mb-1">
                <ol class="flex flex-wrap items-center">
                  <For each={tree.above()}>
                    {({ id, name }) => (
                      <li class="flex items-center">
                        <Button look="quiet" onClick={() => tree.goTo(id)}>
                          <span class="max-w-24 truncate">{name}</span>
                        </Button>
                        <span aria-hidden="true" class="text-ink-3">
                          ▸
                        </span>
                      </li>
                    )}
                  </For>
                </ol>
              </nav>
            </Show>
            <TreeTable
              rows={tree.rows()}
              openId={open()}
              onOpen={show}
              onToggle={tree.toggle}
              fixed={tree.q() !== ""}
              homeStays={tree.isNarrow()}
            />
            <Show when={tree.cut()}>
              <p class="mt-3 text-ink-2">{t("organizations.cut")}</p>
            </Show>
          </Show>
        )}
      </Panel>
      <CreateOrganization parent={creating()} onClose={() => setCreating(null)} onMade={show} />
      <OrganizationDrawer id={open()} onClose={() => show("")} onCreateBelow={setCreating} />
    </Page>
  );
}
