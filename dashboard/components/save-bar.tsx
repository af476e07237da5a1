import { type BeforeLeaveEventArgs, useBeforeLeave } from "@solidjs/router";
import { createSignal, type JSX, onCleanup, onMount, Show } from "solid-js";
import { useShortcuts } from "../state/shortcuts.ts";
import { plural, t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";

/**
 * How much is not saved yet, and the two ways on; gone when there is nothing. Whoever leaves the page meanwhile is asked first.
 */
export function SaveBar(props: { count: number; busy: boolean; onSave: () => void; onDiscard: () => void }) {
  useShortcuts([
    { keys: "mod+Enter", label: () => t("common.save"), run: () => props.count > 0 && props.onSave(), listed: false },
  ]);

  return (
    <>
      <div aria-live="polite" class="sticky bottom-0 z-10">
        <Show when={props.count > 0}>
          <div class="flex flex-wrap items-center gap-3 rounded-panel border border-edge bg-surface px-4 py-3">
            <span class="flex-1 font-medium">{plural("common.unsaved", props.count)}</span>
            <Button look="plain" onClick={() => props.onDiscard()}>
              {t("common.discard")}
            </Button>
            <Button look="primary" type="submit" disabled={props.busy}>
              {props.busy ? t("common.saving") : t("common.save")}
            </Button>
          </div>
        </Show>
      </div>
      <LeaveGuard unsaved={props.count > 0}>{plural("common.unsaved", props.count)}</LeaveGuard>
    </>
  );
}

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
