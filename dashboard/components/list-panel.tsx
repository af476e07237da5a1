import { type JSX, Show } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { type Column, DataTable, type Selection } from "./data-table.tsx";
import { Empty } from "./empty.tsx";
import { type Asked, Panel } from "./panel.tsx";

/** A list of the API under its rule: its rows, or that there are none yet, or that the filters leave none. */
export function ListPanel<Row>(props: {
  title: string;
  hideTitle?: boolean;
  aside?: JSX.Element;
  class?: string;
  list: {
    query: Asked<unknown>;
    rows: () => readonly Row[];
    more: () => { onMore: () => void; busy: boolean } | undefined;
  };
  columns: readonly Column<Row>[];
  rowId: (row: Row) => string;
  onOpen?: (row: Row) => void;
  openId?: string;
  sort?: string;
  onSort?: (sort: string) => void;
  selection?: Selection;
  skeletonRows: number;
  /** Whether filters are set; `onClear` takes them away. */
  narrowed?: boolean;
  onClear?: () => void;
  excluded?: string;
  /** There is nothing yet. */
  empty: JSX.Element;
}) {
  return (
    <Panel
      title={props.title}
      hideTitle={props.hideTitle}
      aside={props.aside}
      class={props.class}
      query={props.list.query}
      skeleton={<RowsSkeleton rows={props.skeletonRows} />}
    >
      {() => (
        <Show
          when={props.list.rows().length > 0}
          fallback={
            <Show when={props.narrowed} fallback={props.empty}>
              <Empty title={props.excluded ?? t("common.excluded")}>
                <Show when={props.onClear}>
                  <Button look="plain" onClick={() => props.onClear?.()}>
                    {t("common.clearFilters")}
                  </Button>
                </Show>
              </Empty>
            </Show>
          }
        >
          <DataTable
            caption={props.title}
            columns={props.columns}
            rows={props.list.rows()}
            rowId={props.rowId}
            onOpen={props.onOpen}
            openId={props.openId}
            sort={props.sort}
            onSort={props.onSort}
            selection={props.selection}
            more={props.list.more()}
          />
        </Show>
      )}
    </Panel>
  );
}
