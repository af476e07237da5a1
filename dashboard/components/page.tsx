import { createEffect, type JSX, onMount, Show } from "solid-js";
import { announce } from "../state/announce.ts";

/** One page: its one h1, what it is for, what one does there. Coming here moves the focus to its name and says it. */
export function Page(props: { title: string; lead?: JSX.Element; actions?: JSX.Element; children: JSX.Element }) {
  let heading!: HTMLHeadingElement;
  createEffect(() => {
    document.title = `${props.title} · GaiaRouter`;
  });
  onMount(() => {
    // Not where a dialog or a field of the page has taken it already.
    if (document.activeElement === document.body || document.activeElement?.closest("nav"))
      heading.focus({ preventScroll: true });
    announce(props.title);
  });
  return (
    <div class="mx-auto max-w-400 px-4 pt-6 pb-24 md:px-6">
      <div class="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div class="min-w-0">
          <h1 ref={heading} tabindex="-1" class="text-h1 font-[650] tracking-tight outline-none">
            {props.title}
          </h1>
          <Show when={props.lead}>
            <p class="mt-1 max-w-prose text-ink-2">{props.lead}</p>
          </Show>
        </div>
        <Show when={props.actions}>
          <div class="flex flex-wrap items-center gap-2">{props.actions}</div>
        </Show>
      </div>
      {props.children}
    </div>
  );
}
