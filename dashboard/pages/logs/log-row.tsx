import { For, Show } from "solid-js";
import { requestName } from "../../components/request-cells.tsx";
import { density } from "../../state/preferences.ts";
import { LogCard } from "./log-card.tsx";
import { asRequest, type LogColumn } from "./log-columns.tsx";
import type { LogRow } from "./log-rows.ts";
import { TableBox } from "./table-box.tsx";

const HEIGHT = { normal: "h-8", compact: "h-7", cosy: "h-10" };
const FOCUSED =
  "after:pointer-events-none after:absolute after:inset-0 after:z-2 has-[button:focus-visible]:after:outline-2 has-[button:focus-visible]:after:-outline-offset-2 has-[button:focus-visible]:after:outline-accent";

/** One request in the list. Its button is in the first cell; a click anywhere on the row reaches it too. */
export function LogRowBox(props: {
  row: LogRow;
  columns: readonly LogColumn[];
  tracks: string;
  isCard: boolean;
  isOpen: boolean;
  isArriving: boolean;
  onOpen: () => void;
  onFocus: (has: boolean) => void;
}) {
  const row = () => asRequest(props.row);
  const first = (place: number) =>
    place === 0
      ? `sticky left-0 z-1 h-full pl-2 group-hover:bg-sunken ${props.isOpen ? "bg-accent-bg" : "bg-canvas"}`
      : "";
  return (
    <TableBox
      role="presentation"
      data-row={props.row.id}
      class={`group relative cursor-pointer border-b border-rule text-table hover:bg-sunken ${FOCUSED} ${props.isCard ? "" : `grid items-center gap-x-2 ${HEIGHT[density()]}`} ${props.isOpen ? "bg-accent-bg after:shadow-[inset_3px_0_var(--color-accent)]" : ""} ${props.isArriving ? "arriving" : ""}`}
      style={props.isCard ? {} : { "grid-template-columns": props.tracks }}
      onClick={() => props.onOpen()}
      onFocusIn={() => props.onFocus(true)}
      onFocusOut={() => props.onFocus(false)}
    >
      <Show when={!props.isCard} fallback={<LogCard row={row()} />}>
        <For each={props.columns}>
          {(column, place) => (
            <TableBox
              role="cell"
              class={`flex min-w-0 items-center overflow-hidden ${column.numeric ? "justify-end text-right whitespace-nowrap" : ""} ${first(place())}`}
            >
              <Show when={place() === 0} fallback={column.cell(row())}>
                <button type="button" class="text-left outline-none" aria-label={requestName(row())}>
                  {column.cell(row())}
                </button>
              </Show>
            </TableBox>
          )}
        </For>
      </Show>
    </TableBox>
  );
}
