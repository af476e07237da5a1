import { createEffect, onCleanup, onMount } from "solid-js";
import { growingText } from "./growing-text.ts";

/** How the few kinds of elements look. */
const LOOK = [
  // Its groups are larger by so much.
  "-my-1",
  "[&_a]:text-accent [&_a]:underline [&_strong]:font-semibold",
  "[&_code]:rounded-chip [&_code]:bg-sunken [&_code]:px-1 [&_code]:font-mono [&_code]:text-meta",
  "[&_pre]:overflow-x-auto [&_pre]:rounded-panel [&_pre]:bg-sunken [&_pre]:p-3 [&_pre_code]:p-0",
  "[&_ul]:list-disc [&_ol]:list-decimal [&_ul]:ps-5 [&_ol]:ps-6",
  "[&_blockquote]:border-s-2 [&_blockquote]:border-edge [&_blockquote]:ps-3 [&_blockquote]:text-ink-2",
  "[&_table]:block [&_table]:overflow-x-auto [&_td]:border [&_td]:border-rule [&_td]:px-2 [&_td]:py-0.5",
  "[&_th]:border [&_th]:border-rule [&_th]:px-2 [&_th]:py-0.5 [&_th]:text-start [&_hr]:border-rule",
].join(" ");

/** A text with its marks. */
export function Markdown(props: {
  text: string;
  isGrowing: boolean;
  /** It grows no more, and all of it stands there. */
  onWhole?: () => void;
}) {
  let root!: HTMLDivElement;
  onMount(() => {
    const text = growingText(root, () => props.onWhole?.());
    createEffect(() => text.show(props.text, props.isGrowing));
    onCleanup(text.end);
  });
  return <div ref={root} class={LOOK} />;
}
