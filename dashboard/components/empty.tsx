import { type JSX, Show } from "solid-js";
import { RouteLine } from "./route-line.tsx";

/** Nothing to show, and what to do about it. */
export function Empty(props: { title: string; hint?: string; children?: JSX.Element }) {
  return (
    <div class="mt-4 flex flex-col items-center rounded-panel border border-dashed border-edge px-6 py-14 text-center">
      <RouteLine class="text-ink-3" end="open" />
      <p class="mt-4 text-[1.125rem]/6 font-[650] tracking-tight text-balance">{props.title}</p>
      <Show when={props.hint}>
        <p class="mt-2 max-w-md text-ink-2 text-balance">{props.hint}</p>
      </Show>
      <Show when={props.children}>
        <div class="mt-5 flex flex-wrap justify-center gap-3">{props.children}</div>
      </Show>
    </div>
  );
}
