import { type BeforeLeaveEventArgs, useBeforeLeave } from "@solidjs/router";
import { createSignal, onCleanup, onMount, Show } from "solid-js";
import { useShortcuts } from "../state/shortcuts.ts";
import { plural, t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";

/**
 * How much is not saved yet, and the two ways on; gone when there is nothing. Whoever leaves the page meanwhile is asked first, by
 * the browser where it would load another.
 */
export function SaveBar(props: { count: number; busy: boolean; onSave: () => void; onDiscard: () => void }) {
  const [leaving, setLeaving] = createSignal<BeforeLeaveEventArgs | null>(null);
  useShortcuts([
    { keys: "mod+Enter", label: () => t("common.save"), run: () => props.count > 0 && props.onSave(), listed: false },
  ]);
  useBeforeLeave((event) => {
    if (props.count === 0 || event.defaultPrevented) return;
    event.preventDefault();
    setLeaving(event);
  });
  const onUnload = (event: BeforeUnloadEvent) => {
    if (props.count > 0) event.preventDefault();
  };
  onMount(() => addEventListener("beforeunload", onUnload));
  onCleanup(() => removeEventListener("beforeunload", onUnload));

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
      <Dialog open={leaving() !== null} onClose={() => setLeaving(null)} title={t("common.leave.title")}>
        <p class="text-ink-2">{plural("common.unsaved", props.count)}</p>
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
          <Button look="primary" onClick={() => setLeaving(null)}>
            {t("common.leave.stay")}
          </Button>
        </Actions>
      </Dialog>
    </>
  );
}
