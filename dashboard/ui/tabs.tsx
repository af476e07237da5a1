import { Tabs as Kobalte } from "@kobalte/core/tabs";
import { For, type JSX } from "solid-js";

export interface Tab {
  id: string;
  name: string;
  content: () => JSX.Element;
}

/** Some views of one thing; left and right go from one to the next. Without `value` it remembers by itself. */
export function Tabs(props: {
  label: string;
  tabs: readonly Tab[];
  value?: string;
  onChange?: (id: string) => void;
  class?: string;
}) {
  return (
    <Kobalte class={props.class} value={props.value} onChange={props.onChange}>
      <Kobalte.List aria-label={props.label} class="flex flex-wrap gap-x-1 border-b border-rule">
        <For each={props.tabs}>
          {({ id, name }) => (
            <Kobalte.Trigger
              value={id}
              class="-mb-px min-h-9 border-b-2 border-transparent px-3 text-table text-ink-2 hover:text-ink data-[selected]:border-accent data-[selected]:font-medium data-[selected]:text-ink pointer-coarse:min-h-11"
            >
              {name}
            </Kobalte.Trigger>
          )}
        </For>
      </Kobalte.List>
      <For each={props.tabs}>
        {({ id, content }) => (
          <Kobalte.Content value={id} class="pt-4">
            {content()}
          </Kobalte.Content>
        )}
      </For>
    </Kobalte>
  );
}
