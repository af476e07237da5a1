import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { Empty } from "../../components/empty.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { BulkKeys } from "./bulk-keys.tsx";
import { CreateKey, type MadeKey } from "./create-key.tsx";
import { keyColumns } from "./key-columns.tsx";
import { KeyDrawer } from "./key-drawer.tsx";
import { KeyFilterBar, useKeyFilters, useOwnerNames } from "./key-filters.tsx";
import type { KeyRow } from "./key-query.ts";
import { KeyReveal } from "./key-reveal.tsx";

const MOST_CHOSEN = 5_000;

/** Who can call, with what limits: the list, a key's own drawer, making one, and doing one thing with many. */
export function KeysPage() {
  const { can } = useAccount();
  const filters = useKeyFilters();
  const ownerName = useOwnerNames();
  const [open, setOpen] = useParam("id");
  const [, setTab] = useParam("tab");
  const [creating, setCreating] = createSignal(false);
  const [chosen, setChosen] = createSignal<string[]>([]);
  /** Of those that may be on no page that is here, or no longer in the list. */
  const names = new Map<string, string>();
  const [made, setMade] = createSignal<MadeKey | null>(null);
  const mayMake = () => can("own_keys:write");

  const keys = usePages(() => ({
    key: ["keys", "list", filters.query()],
    read: (cursor, init) => ask(api.keys.$get({ query: { ...filters.query(), ...cursor } }, init)),
  }));
  const rows = () => keys.rows() as KeyRow[];
  const [rotating, setRotating] = createSignal("");
  /** The key whose row has the focus. */
  const rotateAtFocus = () => {
    const id = document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row;
    if (id === undefined) return;
    setRotating(id);
    show(id);
  };
  useShortcuts(
    mayMake()
      ? [
          { keys: "c", label: () => t("keys.create"), run: () => setCreating(true) },
          { keys: "r", label: () => t("keys.rotateRow"), run: rotateAtFocus, listed: false },
        ]
      : [],
  );

  const nameOf = (id: string) => rows().find((row) => row.id === id)?.name ?? names.get(id) ?? id;
  const choose = (ids: string[]) => {
    for (const id of ids) names.set(id, nameOf(id));
    setChosen(ids);
  };
  const chooseAll = async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const { figures: _figures, ...query } = filters.query();
      const page: { data: { id: string; name: string }[]; next_cursor: string | null } = await ask(
        api.keys.$get({ query: { ...query, limit: "200", ...(cursor ? { cursor } : {}) } }),
      );
      for (const { id, name } of page.data) {
        ids.push(id);
        names.set(id, name);
      }
      cursor = page.next_cursor;
    } while (cursor !== null && ids.length < MOST_CHOSEN);
    setChosen(ids);
  };
  const show = (id: string) => {
    setTab("", "replace");
    setOpen(id);
  };
  const leaveSecret = () => {
    const id = made()?.id;
    setMade(null);
    // After the dialog has given the focus back to what opened it.
    setTimeout(() => document.querySelector<HTMLElement>(`[data-row="${id}"] td button`)?.focus());
  };

  return (
    <Page
      title={t("keys.title")}
      lead={t("keys.lead")}
      actions={
        <Show when={mayMake()}>
          <Button look="primary" onClick={() => setCreating(true)}>
            {t("keys.create")}
          </Button>
        </Show>
      }
    >
      <KeyFilterBar filters={filters} />
      <ListPanel
        title={t("keys.title")}
        hideTitle
        list={{ ...keys, rows }}
        columns={keyColumns(ownerName)}
        rowId={(row) => row.id}
        openId={open()}
        onOpen={(row) => show(row.id)}
        sort={filters.sort()}
        onSort={filters.setSort}
        selection={
          mayMake()
            ? {
                chosen: chosen(),
                onChange: choose,
                label: (id) => t("keys.choose", { name: nameOf(id) }),
              }
            : undefined
        }
        skeletonRows={12}
        narrowed={filters.narrowed()}
        onClear={filters.clear}
        empty={
          <Empty title={t("keys.empty")} hint={t("keys.emptyHint")}>
            <Show when={mayMake()}>
              <Button look="primary" onClick={() => setCreating(true)}>
                {t("keys.create")}
              </Button>
            </Show>
          </Empty>
        }
      />
      <BulkKeys
        chosen={chosen()}
        nameOf={nameOf}
        onChosen={setChosen}
        onAll={chooseAll}
        hasMore={keys.more() !== undefined}
      />
      <CreateKey
        open={creating()}
        organization={filters.organization()}
        onClose={() => setCreating(false)}
        onMade={(key) => {
          setCreating(false);
          setMade(key);
        }}
      />
      <KeyDrawer
        id={open()}
        rotating={rotating() === open()}
        onClose={() => {
          setRotating("");
          show("");
        }}
        onText={({ id, name, models, permissions }, text) =>
          setMade({ id, name, text, models, permissions, problems: [] })
        }
      />
      <KeyReveal made={made()} onClose={leaveSecret} />
    </Page>
  );
}
