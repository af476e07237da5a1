import { type Accessor, createEffect, on } from "solid-js";

const CONTROLS = "button, a, input, select";

/** Keeps the focus in a table: a row that is read anew is made anew, and its control that had the focus gets it back. */
export function createRowFocus(rows: Accessor<readonly unknown[]>, body: () => HTMLTableSectionElement) {
  /** Whose control has the focus, and which of them it is. */
  let focus: { id: string; control: number } | null = null;
  const giveBack = () => {
    if (!focus || document.activeElement !== document.body) return;
    const { id, control } = focus;
    const row = [...body().rows].find((one) => one.dataset.row === id);
    row?.querySelectorAll<HTMLElement>(CONTROLS)[control]?.focus({ preventScroll: true });
  };
  createEffect(on(rows, giveBack, { defer: true }));
  return {
    note(row: HTMLElement, target: Element) {
      focus = { id: row.dataset.row ?? "", control: [...row.querySelectorAll(CONTROLS)].indexOf(target) };
    },
    forget(target: Element) {
      const left = focus;
      // What was taken away has not been left.
      queueMicrotask(() => {
        if (focus === left && target.isConnected) focus = null;
      });
    },
  };
}
