import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, Show } from "solid-js";
import { Virtualizer, type VirtualizerHandle } from "virtua/solid";
import { density } from "../../state/preferences.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { type LogColumn, tracksOf } from "./log-columns.tsx";
import { LogRowBox } from "./log-row.tsx";
import type { LogRow, LogRows } from "./log-rows.ts";
import { buttonOfRow } from "./row-button.ts";
import { TableBox } from "./table-box.tsx";

const HEADER_PX = 32;
const CARD_PX = 61;
const ROW_PX = { normal: 32, compact: 28, cosy: 40 };
/** The next page is asked for when so many screens are left below. */
const SCREENS_AHEAD = 3;
/** So many frames a row may take until it keeps the focus. */
const FRAMES = 20;
/** How long a row is said to have just come. */
const ARRIVING_MS = 2_400;

/** The rows' own element; `position: absolute` and the offset come from the virtualiser. */
const Body = (props: JSX.HTMLAttributes<HTMLDivElement>) => <TableBox {...props} role="rowgroup" />;

/** A row's own element. The header is the first row of the table. */
function RowBox(props: { index?: number; ref?: HTMLDivElement; style?: JSX.CSSProperties; children?: JSX.Element }) {
  return (
    <TableBox role="row" aria-rowindex={(props.index ?? 0) + 2} ref={props.ref} style={props.style}>
      {props.children}
    </TableBox>
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
  // Asked for when the list is mounted: its value would be read before the element is there, and every row be in the page.
  const scrolledElement = () => scroller;

  const indexOf = (id: string | null) => (id === null ? -1 : props.log.rows().findIndex((row) => row.id === id));
  const focused = createMemo(() => indexOf(focusedId()));
  /** What has the focus, and what is read: the focus goes back there. */
  const kept = createMemo(() => [...new Set([focused(), indexOf(props.openId || null)])].filter((at) => at >= 0));
  const grid = createMemo(() => tracksOf(props.columns));
  const header = () => (props.isCard ? 0 : HEADER_PX);

  const scrolled = (offset: number) => {
    props.onScroll(offset);
    const end = scroller.scrollHeight - offset - scroller.clientHeight;
    if (end < scroller.clientHeight * SCREENS_AHEAD) props.log.loadMore();
  };
  // A page that came while the end was in view asks for the next: no scrolling says so.
  createEffect(
    on(
      () => props.log.rows().length,
      () => {
        const frame = requestAnimationFrame(() => scrolled(scroller.scrollTop));
        onCleanup(() => cancelAnimationFrame(frame));
      },
      { defer: true },
    ),
  );
  let keysPressed = 0;
  /**
   * One that was far away is in the page only when the list has been scrolled there, and the virtualiser puts it in its place
   * again a frame later, which takes the focus from it: it is given some frames long, unless somebody goes on meanwhile.
   */
  const focusRow = (id: string, frames: number, pressed = keysPressed) => {
    const active = document.activeElement;
    if (pressed !== keysPressed || (active !== document.body && !scroller.contains(active))) return;
    const button = buttonOfRow(id);
    if (button && active !== button) button.focus({ preventScroll: true });
    if (frames > 0) requestAnimationFrame(() => focusRow(id, frames - 1, pressed));
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
    buttonOfRow(row.id)?.focus({ preventScroll: true });
    focusRow(row.id, FRAMES);
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
    <TableBox
      ref={scroller}
      role="table"
      aria-label={t("logs.title")}
      aria-rowcount={props.total === null ? -1 : props.total + 1}
      aria-colcount={props.columns.length}
      aria-busy={props.log.isFetching}
      tabindex="0"
      class="relative h-[max(24rem,calc(100dvh-12rem))] overflow-auto overscroll-x-contain"
      on:keydown={() => keysPressed++}
      onScroll={(event) => scrolled(event.currentTarget.scrollTop)}
    >
      <TableBox role="presentation" style={props.isCard ? {} : { "min-width": grid().least }}>
        <Show when={!props.isCard}>
          <TableBox role="rowgroup" class="sticky top-0 z-10 bg-canvas">
            <TableBox
              role="row"
              aria-rowindex={1}
              class="grid h-8 items-center gap-x-2 border-b border-edge text-meta font-semibold text-ink-3"
              style={{ "grid-template-columns": grid().tracks }}
            >
              <For each={props.columns}>
                {(column, place) => (
                  <TableBox
                    role="columnheader"
                    class={`whitespace-nowrap ${column.numeric ? "text-right" : ""} ${place() === 0 ? "sticky left-0 bg-canvas pl-2" : ""}`}
                  >
                    {t(column.name)}
                  </TableBox>
                )}
              </For>
            </TableBox>
          </TableBox>
        </Show>
        <Virtualizer
          ref={setHandle}
          data={props.log.rows()}
          scrollRef={scrolledElement()}
          as={Body}
          item={RowBox}
          itemSize={props.isCard ? CARD_PX : ROW_PX[density()]}
          startMargin={header()}
          keepMounted={kept()}
        >
          {(row: LogRow) => (
            <LogRowBox
              row={row}
              columns={props.columns}
              tracks={grid().tracks}
              isCard={props.isCard}
              isOpen={props.openId === row.id}
              isArriving={Date.now() - (props.arrived.get(row.id) ?? 0) < ARRIVING_MS}
              onOpen={() => props.onOpen(row.id)}
              onFocus={(has) => setFocusedId((id) => (has ? row.id : id === row.id ? null : id))}
            />
          )}
        </Virtualizer>
      </TableBox>
    </TableBox>
  );
}
