import { createSignal, onCleanup, Show } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";

const SAID_FOR_MS = 2000;

/**
 * Copies a text and says so. `what` names it for those who do not see where the button stands; `shown` are its words where
 * "Copy" says too little.
 */
export function CopyButton(props: { text: string; what: string; shown?: string; onCopy?: () => void }) {
  const [said, setSaid] = createSignal<"common.copied" | "common.copyByHand" | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      props.onCopy?.();
      setSaid("common.copied");
    } catch {
      // Refused on pages without TLS, where there is no clipboard, and by some browsers' settings.
      setSaid("common.copyByHand");
    }
    clearTimeout(timer);
    timer = setTimeout(() => setSaid(null), SAID_FOR_MS);
  };

  return (
    <Button look="quiet" onClick={copy}>
      <span aria-live="polite">{said() || !props.shown ? t(said() ?? "common.copy") : props.shown}</span>
      <Show when={!props.shown}>
        <span class="sr-only">{props.what}</span>
      </Show>
    </Button>
  );
}
