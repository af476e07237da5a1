import { type BeforeLeaveEventArgs, useBeforeLeave } from "@solidjs/router";
import { createSignal, type JSX, onCleanup, onMount } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";

/**
 * Whoever goes to another address while something is `unsaved` is asked first, Back and what the address opens included; by the
 * browser where it would load another page. `children` say what it is.
 */
export function LeaveGuard(props: { unsaved: boolean; children: JSX.Element }) {
  const [leaving, setLeaving] = createSignal<BeforeLeaveEventArgs | null>(null);
  useBeforeLeave((event) => {
    if (!props.unsaved || event.defaultPrevented) return;
    event.preventDefault();
    setLeaving(event);
  });
  const onUnload = (event: BeforeUnloadEvent) => {
    if (props.unsaved) event.preventDefault();
  };
  onMount(() => addEventListener("beforeunload", onUnload));
  onCleanup(() => removeEventListener("beforeunload", onUnload));
  let safe: HTMLButtonElement | undefined;
  return (
    <Dialog
      open={leaving() !== null}
      onClose={() => setLeaving(null)}
      title={t("common.leave.title")}
      initialFocus={() => safe}
    >
      <p class="text-ink-2">{props.children}</p>
      <Actions>
        <Button
          look="danger"
          onClick={() => {
            const event = leaving();
            setLeaving(null);
            event?.retry(true);
          }}
        >
          {t("common.leave.go")}
        </Button>
        <Button look="primary" ref={safe} onClick={() => setLeaving(null)}>
          {t("common.leave.stay")}
        </Button>
      </Actions>
    </Dialog>
  );
}
