import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { createRenderEffect, type JSX, Show } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";

/** A dialog over another one: the lower one would take it for a part of the page, and hide it from screen readers. */
const markAsLayer = (portal: HTMLElement | SVGElement) => {
  portal.dataset.reactAriaTopLayer = "true";
};

const FIELDS = "input, select, textarea";

/**
 * A dialog over the page. Escape and what lies outside close it, the focus goes back to what opened it. Only classes on
 * its content: a string of styles would leave it dead to the mouse.
 */
export function Dialog(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  /** `drawer`: from the right, as high as the page; for one record among many. */
  look?: "box" | "wide" | "drawer";
  /** What has the focus first, when that is not the first field; a drawer with tabs has none, and begins at its head. */
  initialFocus?: () => HTMLElement | undefined;
  children: JSX.Element;
}) {
  const look = () =>
    ({
      box: "inset-x-4 top-[12vh] mx-auto max-h-[80vh] max-w-lg rounded-panel overlay-in",
      wide: "inset-x-4 top-[6vh] mx-auto max-h-[88vh] max-w-4xl rounded-panel overlay-in",
      drawer: "inset-y-0 right-0 w-full max-w-xl drawer-in",
    })[props.look ?? "box"];
  // Kobalte gives the focus back to a trigger of its own, and these dialogs have none.
  let opener: HTMLElement | null = null;
  createRenderEffect(() => {
    if (props.open) opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  });
  const giveBack = (event: Event) => {
    event.preventDefault();
    const row = opener?.closest<HTMLElement>("[data-row]")?.dataset.row;
    // A list that was read again meanwhile has its rows anew.
    const back = opener?.isConnected
      ? opener
      : row && document.querySelector<HTMLElement>(`[data-row="${row}"] button`);
    if (back) back.focus({ preventScroll: true });
  };
  const focusFirst = (event: Event) => {
    const content = event.currentTarget as HTMLElement;
    const field = content.querySelector('[role="tablist"]') ? null : content.querySelector<HTMLElement>(FIELDS);
    const first = props.initialFocus?.() ?? field;
    if (!first) return;
    event.preventDefault();
    first.focus();
  };
  return (
    <Kobalte open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Kobalte.Portal ref={markAsLayer}>
        <Kobalte.Overlay class="overlay-in fixed inset-0 z-40 bg-veil" />
        <Kobalte.Content
          data-modal
          class={`fixed z-50 overflow-y-auto overscroll-contain bg-surface px-5 pb-6 shadow-overlay md:px-6 ${look()}`}
          onOpenAutoFocus={focusFirst}
          onCloseAutoFocus={giveBack}
        >
          <div class="sticky top-0 z-10 -mx-1 flex items-start gap-3 bg-surface px-1 pt-5 pb-4">
            <div class="min-w-0 flex-1">
              <Kobalte.Title class="text-[1.125rem]/6 font-semibold break-words">{props.title}</Kobalte.Title>
              <Show when={props.description}>
                <Kobalte.Description class="mt-1 text-ink-2">{props.description}</Kobalte.Description>
              </Show>
            </div>
            <Kobalte.CloseButton as={Button} look="quiet" class="-mr-2" aria-label={t("common.close")}>
              {t("common.close")}
            </Kobalte.CloseButton>
          </div>
          {props.children}
        </Kobalte.Content>
      </Kobalte.Portal>
    </Kobalte>
  );
}

/** The line of buttons under a dialog's or a form's fields. */
export const Actions = (props: { children: JSX.Element }) => (
  <div class="mt-6 flex flex-wrap items-center justify-end gap-3">{props.children}</div>
);
