import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, type JSX, Show } from "solid-js";
import { Button } from "./button.tsx";

export interface MenuItem {
  label: string;
  onSelect: () => void;
  /** Keys that do the same, as written. */
  keys?: string;
  tone?: "bad";
  disabled?: boolean;
}

/** A button that opens a list of things to do. `label` names it where its content does not. */
export function Menu(props: {
  label: string;
  items: readonly MenuItem[];
  look?: "primary" | "plain" | "quiet";
  class?: string;
  /** Opened before it was here. */
  startOpen?: boolean;
  children: JSX.Element;
}) {
  return (
    <DropdownMenu defaultOpen={props.startOpen}>
      <DropdownMenu.Trigger as={Button} look={props.look ?? "plain"} class={props.class} aria-label={props.label}>
        {props.children}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content class="overlay-in z-50 min-w-44 rounded-panel border border-rule bg-surface py-1 shadow-overlay">
          <For each={props.items}>
            {(item) => (
              <DropdownMenu.Item
                class={`flex min-h-8 cursor-pointer items-center justify-between gap-6 px-3 text-table outline-none data-[disabled]:opacity-60 data-[highlighted]:bg-sunken pointer-coarse:min-h-11 ${item.tone === "bad" ? "text-bad" : "text-ink"}`}
                disabled={item.disabled}
                onSelect={item.onSelect}
              >
                {item.label}
                <Show when={item.keys}>
                  <kbd class="font-mono text-meta text-ink-3">{item.keys}</kbd>
                </Show>
              </DropdownMenu.Item>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
