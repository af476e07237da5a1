import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { Virtualizer, type VirtualizerHandle } from "virtua/solid";
import type { RequestRow } from "../../api/requests.ts";
import { costWords } from "../../components/request-cells.tsx";
import { outcomeName } from "../../format/request.ts";
import { preciseTime } from "../../format/time.ts";
import { density } from "../../state/preferences.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { asRequest, type LogColumn, tracksOf } from "./log-columns.tsx";
import { LogCard } from "./log-card.tsx";
import type { LogRow, LogRows } from "./log-rows.ts";

const HEADER_PX = 32;
const CARD_PX = 62;
const ROW_PX = { normal: 32, compact: 28, cosy: 40 };
const HEIGHT = { normal: "h-8", compact: "h-7", cosy: "h-10" };
/** The next page is asked for when so many screens are left below. */
const SCREENS_AHEAD = 3;
/** How long a row is said to have just come. */
const ARRIVING_MS = 2_400;

/** What a row is called: when, how it ended, of which model, for how much. */
const rowName = (row: RequestRow): string =>
  [preciseTime(row.created_at), row.status, outcomeName(row.outcome), row.requested_model, costWords(row)].join(", ");

/** The rows' own element; `position: absolute` and the offset come from the virtualiser. */
const Body = (props: JSX.HTMLAttributes<HTMLDivElement>) => <div role="rowgroup" {...props} />;

/** A row's own element. The header is the first row of the table. */
function RowBox(props: { index?: number; ref?: HTMLDivElement; style?: JSX.CSSProperties; children?: JSX.Element }) {
  return (
    <div role="row" aria-rowindex={(props.index ?? 0) + 2} ref={props.ref} style={props.style}>
      {props.children}
    </div>
  );
}

/**
 * The requests. Only rows that can be seen are in the page, and the one that has the focus; the next page is asked for before
 * the end is reached. j and k go from row to row, Enter opens.
 */
export function LogTable(props: {
  log: LogRows;
  columns: readonly LogColumn[];
  /** How many there are in all; null: more than are counted. */
  total: number | null;
  openId: string;
  arrived: ReadonlyMap<string, number>;
  isCard: boolean;
  onOpen: (id: string) => void;
  /** Another record is wanted while one is open. */
  onMove: (id: string) => void;
  /** How far down it is, in pixels. */
  onScroll: (offset: number) => void;
}) {
  const [focusedId, setFocusedId] = createSignal<string | null>(null);
  const [handle, setHandle] = createSignal<VirtualizerHandle>();
  let scroller!: HTMLDivElement;

  const indexOf = (id: string | null) => (id === null ? -1 : props.log.rows().findIndex((row) => row.id === id));
  const focused = createMemo(() => indexOf(focusedId()));
  const grid = createMemo(() => tracksOf(props.columns));
  const header = () => (props.isCard ? 0 : HEADER_PX);

  const scrolled = (offset: number) => {
    props.onScroll(offset);
    const end = scroller.scrollHeight - offset - scroller.clientHeight;
    if (end < scroller.clientHeight * SCREENS_AHEAD) props.log.loadMore();
  };
  /** Brings a row into view, below the header and above the lower edge, and gives it the focus. */
  const goTo = (index: number) => {
    const row = props.log.rows()[index];
    const list = handle();
    if (!row || !list) return;
    setFocusedId(row.id);
    const [top, size] = [list.getItemOffset(index), list.getItemSize(index)];
    if (scroller.scrollTop > top) scroller.scrollTop = top;
    const lowest = top + size + header() - scroller.clientHeight;
    if (scroller.scrollTop < lowest) scroller.scrollTop = lowest;
    if (props.openId) props.onMove(row.id);
    scroller.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"] button`)?.focus({ preventScroll: true });
  };
  const step = (by: 1 | -1) => {
    const at = props.openId ? indexOf(props.openId) : focused();
    goTo(Math.max(0, at + by));
  };
  useShortcuts([
    { keys: "j", label: () => t("logs.next"), run: () => step(1), listed: false },
    { keys: "k", label: () => t("logs.previous"), run: () => step(-1), listed: false },
  ]);

  return (
    <div
      ref={scroller}
      role="table"
      aria-label={t("logs.title")}
      aria-rowcount={props.total === null ? -1 : props.total + 1}
      aria-colcount={props.columns.length}
      aria-busy={props.log.isFetching}
      tabindex="0"
      class="relative h-[max(24rem,calc(100dvh-12rem))] overflow-auto overscroll-x-contain"
      onScroll={(event) => scrolled(event.currentTarget.scrollTop)}
    >
      <div role="presentation" style={props.isCard ? {} : { "min-width": grid().least }}>
        <Show when={!props.isCard}>
          <div role="rowgroup" class="sticky top-0 z-10 bg-canvas">
            <div
              role="row"
              aria-rowindex={1}
              class="grid h-8 items-center gap-x-2 border-b border-edge text-meta font-semibold text-ink-3"
              style={{ "grid-template-columns": grid().tracks }}
            >
              <For each={props.columns}>
                {(column, place) => (
                  <div
                    role="columnheader"
                    class={`whitespace-nowrap ${column.numeric ? "text-right" : ""} ${place() === 0 ? "sticky left-0 bg-canvas pl-2" : ""}`}
                  >
                    {t(column.name)}
                  </div>
                )}
              </For>
            </div>
          </div>
        </Show>
        <Virtualizer
          ref={setHandle}
          data={props.log.rows()}
          scrollRef={scroller}
          as={Body}
          item={RowBox}
          itemSize={props.isCard ? CARD_PX : ROW_PX[density()]}
          startMargin={header()}
          keepMounted={focused() < 0 ? [] : [focused()]}
        >
          {(row: LogRow) => (
            <div
              data-row={row.id}
              role="presentation"
              class={`group relative cursor-pointer border-b border-rule text-table hover:bg-sunken after:pointer-events-none after:absolute after:inset-0 after:z-2 has-[button:focus-visible]:after:outline-2 has-[button:focus-visible]:after:-outline-offset-2 has-[button:focus-visible]:after:outline-accent ${props.isCard ? "" : `grid items-center gap-x-2 ${HEIGHT[density()]}`} ${props.openId === row.id ? "bg-accent-bg after:shadow-[inset_3px_0_var(--color-accent)]" : ""}`}
              classList={{ arriving: Date.now() - (props.arrived.get(row.id) ?? 0) < ARRIVING_MS }}
              style={props.isCard ? {} : { "grid-template-columns": grid().tracks }}
              onClick={() => props.onOpen(row.id)}
              onFocusIn={() => setFocusedId(row.id)}
              onFocusOut={() => setFocusedId((id) => (id === row.id ? null : id))}
            >
              <Show when={!props.isCard} fallback={<LogCard row={asRequest(row)} />}>
                <For each={props.columns}>
                  {(column, place) => (
                    <div
                      role="cell"
                      class={`flex min-w-0 items-center overflow-hidden ${column.numeric ? "justify-end text-right whitespace-nowrap" : ""} ${place() === 0 ? `sticky left-0 z-1 h-full pl-2 group-hover:bg-sunken ${props.openId === row.id ? "bg-accent-bg" : "bg-canvas"}` : ""}`}
                    >
                      <Show when={place() === 0} fallback={column.cell(asRequest(row))}>
                        <button type="button" class="text-left outline-none" aria-label={rowName(asRequest(row))}>
                          {column.cell(asRequest(row))}
                        </button>
                      </Show>
                    </div>
                  )}
                </For>
              </Show>
            </div>
          )}
        </Virtualizer>
      </div>
    </div>
  );
}
