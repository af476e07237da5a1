import { createMemo, createRenderEffect, type JSX, lazy, Show, Suspense } from "solid-js";
import { onceIdle } from "./once-idle.ts";

const read = async () => ({ default: (await import("./dialog-overlay.tsx")).DialogOverlay });
const DialogOverlay = lazy(read);
onceIdle(read);

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** The title comes later than what stands below it, and must not move it: one line, cut where it is longer. */
  oneLine?: boolean;
  description?: string;
  /** `drawer`: from the right, as high as the page; for one record among many. */
  look?: "box" | "wide" | "drawer";
  /** What has the focus first, when that is not the first field; a drawer with tabs has none, and begins at its head. */
  initialFocus?: () => HTMLElement | undefined;
  /** What has the focus afterwards, when that is not what opened it. */
  finalFocus?: () => HTMLElement | null;
  children: JSX.Element;
}

/**
 * A dialog over the page. Escape and what lies outside close it, the focus goes back to what opened it. No page waits for
 * what it is made of: that is read when the page stands, or when the first dialog is wanted.
 */
export function Dialog(props: DialogProps) {
  const wanted = createMemo<boolean>((before) => before || props.open, false);
  let opener: HTMLElement | null = null;
  createRenderEffect(() => {
    if (props.open) opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  });
  return (
    <Show when={wanted()}>
      <Suspense>
        <DialogOverlay {...props} opener={() => opener} />
      </Suspense>
    </Show>
  );
}

/** The line of buttons under a dialog's or a form's fields. */
export const Actions = (props: { children: JSX.Element }) => (
  <div class="mt-6 flex flex-wrap items-center justify-end gap-3">{props.children}</div>
);
