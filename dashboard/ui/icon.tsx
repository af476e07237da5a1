import { For } from "solid-js";
import { Dynamic } from "solid-js/web";

/** What Lucide draws an icon of: elements of SVG with their attributes. */
export type Drawing = readonly (readonly [string, Record<string, string>])[];

/** An icon of Lucide, 16 pixels, beside the word that says the same. */
export const Icon = (props: { drawing: Drawing }) => (
  <svg
    width="16"
    height="16"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    class="shrink-0"
  >
    <For each={props.drawing}>{([element, attributes]) => <Dynamic component={element} {...attributes} />}</For>
  </svg>
);
