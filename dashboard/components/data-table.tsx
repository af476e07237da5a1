import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { density } from "../state/preferences.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { createRowFocus } from "./row-focus.ts";

export interface Column<Row> {
  id: string;
  /** Read when it is shown, for the language may change. */
  name: () => string;
  cell: (row: Row) => JSX.Element;
  /** Numbers stand right. */
  numeric?: boolean;
  /** From which width on: 1 always, 2 from 768 px, 3 from 1280 px. The record itself shows all. */
  priority?: 1 | 2 | 3;
  /** The API's name for sorting by it. */
  sort?: string;
}

/** Rows that are ticked; x ticks the one that has the focus. */
export interface Selection {
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
  /** What ticking a row is called, by its id. */
  label: (id: string) => string;
}

const FROM_WIDTH = { 1: "", 2: "max-md:hidden", 3: "max-xl:hidden" };
const HEIGHT = { normal: "h-8", compact: "h-7", cosy: "h-10" };

/**
 * Rows of one kind under a header that stays. j and k go from row to row, Enter opens; a column with `sort` sorts, the API
 * does it. `more` is there where another page is.
 */
export function DataTable<Row>(props: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** What the row's first cell is a button for. */
  onOpen?: (row: Row) => void;
  openId?: string;
  /** `name` upwards, `-name` downwards. */
  sort?: string;
  onSort?: (sort: string) => void;
  more?: { onMore: () => void; busy: boolean };
  selection?: Selection;
  /** Another table of the page has the keys that go from row to row. */
  beside?: boolean;
}) {
  const [at, setAt] = createSignal(-1);
  let body!: HTMLTableSectionElement;
  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(index, props.rows.length - 1));
    setAt(next);
    const row = body.rows[next];
    (row?.querySelector<HTMLElement>("button, a") ?? row)?.focus();
  };
  const rowFocus = createRowFocus(
    () => props.rows,
    () => body,
  );
  const tick = (id: string) => {
    const { chosen = [], onChange } = props.selection ?? {};
    onChange?.(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  };
  const tickAtFocus = () => {
    const row = props.rows[at()];
    if (row !== undefined) tick(props.rowId(row));
  };
  const shortcuts = [
    { keys: "j", label: () => t("common.nextRow"), run: () => focusRow(at() + 1), listed: false },
    { keys: "k", label: () => t("common.previousRow"), run: () => focusRow(at() - 1), listed: false },
    ...(props.selection ? [{ keys: "x", label: () => t("common.tick"), run: tickAtFocus, listed: false }] : []),
  ];
  if (!props.beside) useShortcuts(shortcuts);
  const isStill = () => !props.onOpen && !props.selection;
  const sorted = createMemo(() => {
    const by = props.sort ?? "";
    return by.startsWith("-") ? { by: by.slice(1), way: "descending" as const } : { by, way: "ascending" as const };
  });

  return (
    <>
      {/* Where no row can have the focus, the keyboard scrolls the table itself. */}
      <div
        class="scroll-sideways mt-2"
        {...(isStill() ? { role: "group", "aria-label": props.caption, tabindex: "0" } : {})}
      >
        <table class="w-full border-collapse text-table">
          <caption class="sr-only">{props.caption}</caption>
          <thead>
            <tr class="border-b border-rule">
              <Show when={props.selection}>
                {(selection) => (
                  <th scope="col" class="w-8 pr-2 pl-1.5 text-left">
                    <input
                      type="checkbox"
                      class="block size-4 accent-accent pointer-coarse:size-6"
                      aria-label={t("common.tickAll")}
                      checked={props.rows.length > 0 && selection().chosen.length >= props.rows.length}
                      onChange={(event) =>
                        selection().onChange(event.currentTarget.checked ? props.rows.map(props.rowId) : [])
                      }
                    />
                  </th>
                )}
              </Show>
              <For each={props.columns}>
                {(column) => (
                  <th
                    scope="col"
                    aria-sort={column.sort && sorted().by === column.sort ? sorted().way : undefined}
                    class={`h-8 px-2 text-meta font-semibold whitespace-nowrap text-ink-3 ${props.selection ? "" : "first:pl-1.5"} last:pr-0 ${column.numeric ? "text-right" : "text-left"} ${FROM_WIDTH[column.priority ?? 1]}`}
                  >
                    <Show when={column.sort && props.onSort ? column.sort : undefined} fallback={column.name()}>
                      {(by) => (
                        <button
                          type="button"
                          class="min-h-6 font-semibold hover:text-ink"
                          onClick={() =>
                            props.onSort?.(sorted().by === by() && sorted().way === "descending" ? by() : `-${by()}`)
                          }
                        >
                          {column.name()}
                          <span aria-hidden="true">
                            {sorted().by !== by() ? "" : sorted().way === "descending" ? " ↓" : " ↑"}
                          </span>
                        </button>
                      )}
                    </Show>
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody ref={body}>
            <For each={props.rows}>
              {(row, index) => (
                <tr
                  data-row={props.rowId(row)}
                  class={`relative border-b border-rule hover:bg-sunken ${HEIGHT[density()]} ${props.openId === props.rowId(row) ? "bg-accent-bg shadow-[inset_3px_0_var(--color-accent)]" : ""}`}
                  onFocusIn={({ currentTarget, target }) => {
                    setAt(index());
                    rowFocus.note(currentTarget, target);
                  }}
                  onFocusOut={({ target }) => rowFocus.forget(target)}
                >
                  <Show when={props.selection}>
                    {(selection) => (
                      <td class="relative z-1 pr-2 pl-1.5">
                        <input
                          type="checkbox"
                          class="block size-4 accent-accent pointer-coarse:size-6"
                          aria-label={selection().label(props.rowId(row))}
                          checked={selection().chosen.includes(props.rowId(row))}
                          onChange={() => tick(props.rowId(row))}
                        />
                      </td>
                    )}
                  </Show>
                  <For each={props.columns}>
                    {(column, place) => (
                      <td
                        class={`px-2 py-1 ${props.selection ? "" : "first:pl-1.5"} last:pr-0 ${column.numeric ? "text-right whitespace-nowrap" : ""} ${FROM_WIDTH[column.priority ?? 1]}`}
                      >
                        <Show when={place() === 0 && props.onOpen} fallback={column.cell(row)}>
                          {(open) => (
                            <button
                              type="button"
                              class="max-w-full text-left align-middle font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                              onClick={() => open()(row)}
                            >
                              {column.cell(row)}
                            </button>
                          )}
                        </Show>
                      </td>
                    )}
                  </For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <Show when={props.more}>
        {(more) => (
          <div class="mt-3 flex justify-center">
            <Button look="plain" disabled={more().busy} onClick={() => more().onMore()}>
              {more().busy ? t("common.loading") : t("common.more")}
            </Button>
          </div>
        )}
      </Show>
    </>
  );
}
