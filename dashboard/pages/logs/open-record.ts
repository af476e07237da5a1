import { type Accessor, createEffect, on } from "solid-js";
import { useParam } from "../../state/address.ts";
import { buttonOfRow } from "./row-button.ts";

/** Which request is read beside the list; it stands in the address. */
export function useOpenRecord(rows: Accessor<readonly { id: string }[]>) {
  const [id, set] = useParam("id");
  // However it was closed, by Back too, the focus goes to the row of what was read last.
  createEffect(
    on(id, (now, before) => {
      if (!now && before) queueMicrotask(() => buttonOfRow(before)?.focus({ preventScroll: true }));
    }),
  );
  return {
    /** Empty: none. */
    id,
    open: (next: string) => set(next, id() ? "replace" : "push"),
    close: () => set(""),
    /** Another one in its place, which Back does not go through. */
    move: (next: string) => set(next, "replace"),
    step: (by: 1 | -1) => {
      const at = rows().findIndex((row) => row.id === id());
      const next = rows()[at + by];
      if (at >= 0 && next) set(next.id, "replace");
    },
  };
}

export type OpenRecord = ReturnType<typeof useOpenRecord>;
