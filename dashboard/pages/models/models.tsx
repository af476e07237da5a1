import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { BulkBar } from "../../components/bulk-bar.tsx";
import { Empty } from "../../components/empty.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { useAtRoot } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Compare } from "./compare.tsx";
import { CreateModel } from "./create-model.tsx";
import { modelColumns } from "./model-columns.tsx";
import { ModelDrawer } from "./model-drawer.tsx";
import { ModelFilterBar, useModelFilters } from "./model-filters.tsx";
import type { ModelRow } from "./model-query.ts";
import { SyncModels } from "./sync-models.tsx";
import { switchModels, useSwitch } from "./use-switch.ts";

const MOST_COMPARED = 4;

/** What models there are, what they cost and from where that is known, and who may use them. */
export function ModelsPage() {
  const { can } = useAccount();
  const client = useQueryClient();
  const filters = useModelFilters();
  const [open, setOpen] = useParam("id");
  const [chosen, setChosen] = createSignal<string[]>([]);
  const [over, setOver] = createSignal<"compare" | "create" | "sync" | null>(null);
  const turn = useSwitch(filters.organization);
  // A tenant's catalogue is its root's.
  const isRoot = useAtRoot();
  const atRoot = () => can("models:write") && isRoot();
  const list = usePages(() => ({
    key: ["models", "list", filters.query()],
    read: (cursor, init) => ask(api.models.$get({ query: { ...filters.query(), ...cursor } }, init)),
  }));
  const rows = () => list.rows() as ModelRow[];
  const compared = () =>
    rows()
      .filter(({ id }) => chosen().includes(id))
      .slice(0, MOST_COMPARED);
  const columns = modelColumns(can("models:write") ? (row, on) => turn(row.id, on) : undefined);
  useShortcuts([
    {
      keys: "p",
      label: () => t("models.compare"),
      run: () => compared().length > 1 && setOver("compare"),
      listed: false,
    },
    ...(can("models:write")
      ? [{ keys: "c", label: () => t("models.create"), run: () => atRoot() && setOver("create") }]
      : []),
  ]);
  return (
    <Page
      title={t("models.title")}
      lead={t("models.lead")}
      actions={
        // Until it is known, their place is kept.
        <Show when={atRoot() !== false}>
          <Button look="plain" class={atRoot() ? "" : "invisible"} onClick={() => setOver("create")}>
            {t("models.create")}
          </Button>
          <Button look="primary" class={atRoot() ? "" : "invisible"} onClick={() => setOver("sync")}>
            {t("models.sync")}
          </Button>
        </Show>
      }
    >
      <ModelFilterBar filters={filters} />
      <ListPanel
        title={t("models.title")}
        hideTitle
        aside={
          <Show when={list.first()}>
            {(page) => <span class="text-meta text-ink-3">{plural("models.total", page().total)}</span>}
          </Show>
        }
        list={{ ...list, rows }}
        columns={columns}
        rowId={(row) => row.id}
        openId={open()}
        onOpen={(row) => setOpen(row.id)}
        sort={filters.sort()}
        onSort={filters.setSort}
        selection={{ chosen: chosen(), onChange: setChosen, label: (id) => t("models.choose", { model: id }) }}
        skeletonRows={15}
        narrowed={filters.narrowed()}
        onClear={filters.clear}
        empty={
          <Empty title={t("models.empty")}>
            <Show when={atRoot()}>
              <Button look="primary" onClick={() => setOver("sync")}>
                {t("models.sync")}
              </Button>
            </Show>
          </Empty>
        }
      />
      <BulkBar
        chosen={chosen()}
        nameOf={(id) => id}
        onChosen={setChosen}
        onDone={() => void client.invalidateQueries({ queryKey: ["models"] })}
      >
        {(run) => (
          <>
            <Button look="plain" disabled={compared().length < 2} onClick={() => setOver("compare")}>
              {t("models.compare")}
            </Button>
            <Show when={can("models:write")}>
              <Button look="plain" onClick={() => void run.start(switchModels(filters.organization(), true))}>
                {t("models.bulkEnable")}
              </Button>
              <Button look="plain" onClick={() => void run.start(switchModels(filters.organization(), false))}>
                {t("models.bulkDisable")}
              </Button>
            </Show>
          </>
        )}
      </BulkBar>
      <Compare models={compared()} open={over() === "compare"} onClose={() => setOver(null)} />
      <CreateModel open={over() === "create"} onClose={() => setOver(null)} onMade={setOpen} />
      <SyncModels open={over() === "sync"} onClose={() => setOver(null)} />
      <ModelDrawer id={open()} organization={filters.organization()} onClose={() => setOpen("")} />
    </Page>
  );
}
