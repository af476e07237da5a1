import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { Show } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import type { DialogProps } from "./dialog.tsx";

/** A dialog over another one: the lower one would take it for a part of the page, and hide it from screen readers. */
const markAsLayer = (portal: HTMLElement | SVGElement) => {
  portal.dataset.reactAriaTopLayer = "true";
};

/** What has the focus is seen, and where it is seen already nothing moves. */
const giveTo = (element: HTMLElement) => {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
};

const FIELDS = "input:not([readonly]), select, textarea";

/** What a dialog is when it is open. Only classes on its content: a string of styles would leave it dead to the mouse. */
export function DialogOverlay(props: DialogProps & { opener: () => HTMLElement | null }) {
  const look = () =>
    ({
      box: "inset-x-4 top-[12vh] mx-auto max-h-[80vh] max-w-lg rounded-panel overlay-in",
      wide: "inset-x-4 top-[6vh] mx-auto max-h-[88vh] max-w-4xl rounded-panel overlay-in",
      drawer: "inset-y-0 right-0 w-full max-w-xl drawer-in",
    })[props.look ?? "box"];
  // Kobalte gives the focus back to a trigger of its own, and these dialogs have none.
  const giveBack = (event: Event) => {
    event.preventDefault();
    const final = props.finalFocus?.();
    if (final) return giveTo(final);
    const opener = props.opener();
    const row = opener?.closest<HTMLElement>("[data-row]")?.dataset.row;
    // A list that was read again meanwhile has its rows anew.
    const back = opener?.isConnected
      ? opener
      : row && document.querySelector<HTMLElement>(`[data-row="${row}"] button`);
    if (back) giveTo(back);
  };
  const focusFirst = (event: Event) => {
    const content = event.currentTarget as HTMLElement;
    const field = content.querySelector('[role="tablist"]') ? null : content.querySelector<HTMLElement>(FIELDS);
    const first = props.initialFocus?.() ?? field;
    if (!first) return;
    event.preventDefault();
    // Not before a dialog below has let go of the focus: it would take it back.
    queueMicrotask(() => first.focus());
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
              <Kobalte.Title
                class={`text-[1.125rem]/6 font-semibold ${props.oneLine ? "truncate" : "break-words"}`}
                title={props.oneLine ? props.title : undefined}
              >
                {props.title}
              </Kobalte.Title>
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
