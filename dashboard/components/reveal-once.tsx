import { CopyButton } from "../ui/copy-button.tsx";

/** A secret that no other answer holds: in memory only, and gone when this is closed. Read aloud when asked for, not by itself. */
export function RevealOnce(props: { text: string; what: string; hint: string }) {
  return (
    <div>
      <p class="mb-2 text-ink-2">{props.hint}</p>
      <div class="flex items-start gap-2 rounded-panel border border-edge bg-canvas p-3">
        <code class="min-w-0 flex-1 font-mono text-table break-all">{props.text}</code>
        <CopyButton text={props.text} what={props.what} />
      </div>
    </div>
  );
}
