import { Toast, toaster } from "@kobalte/core/toast";
import { Show } from "solid-js";
import { Portal } from "solid-js/web";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";

const UNDO_WITHIN_MS = 10_000;

/**
 * Where toasts stand, over dialogs too: at the foot of a column as high as the page, so that none moves when one above it goes. F8
 * goes there. No list: its items are statuses.
 */
export const ToastList = () => (
  <Portal>
    <Toast.Region
      duration={UNDO_WITHIN_MS}
      pauseOnInteraction
      hotkey={["F8"]}
      aria-label={`${t("common.notifications")} (F8)`}
    >
      <Toast.List
        as="div"
        class="pointer-events-none fixed inset-y-4 right-4 z-60 flex w-80 max-w-[calc(100vw-2rem)] flex-col justify-end gap-2 outline-none *:pointer-events-auto focus-visible:*:outline-2 focus-visible:*:outline-accent"
      />
    </Toast.Region>
  </Portal>
);

/** One more, for ten seconds, with a way back where there is one. */
export function show(text: string, undo?: () => void): void {
  toaster.show((props) => (
    <Toast
      as="div"
      toastId={props.toastId}
      // A dialog below takes what comes after it for a part of the page, and would hide it from screen readers.
      data-react-aria-top-layer="true"
      class="overlay-in flex items-center gap-3 rounded-panel border border-rule bg-surface py-2 pr-2 pl-4 text-table shadow-overlay"
    >
      <Toast.Title class="min-w-0 flex-1 break-words">{text}</Toast.Title>
      <Show when={undo}>
        {(back) => (
          <Button
            look="plain"
            onClick={() => {
              toaster.dismiss(props.toastId);
              back()();
            }}
          >
            {t("common.undo")}
          </Button>
        )}
      </Show>
      <Toast.CloseButton as={Button} look="quiet" aria-label={t("common.close")}>
        ×
      </Toast.CloseButton>
    </Toast>
  ));
}
