import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, Show } from "solid-js";
import { Button } from "./button.tsx";
import type { Standing } from "./later.tsx";
import type { MenuProps } from "./menu.tsx";

/** The menu with its button. */
export function MenuOverlay(props: MenuProps & Standing) {
  return (
    <DropdownMenu defaultOpen={props.startOpen}>
      <DropdownMenu.Trigger
        as={Button}
        ref={props.ref}
        look={props.look ?? "plain"}
        class={props.class}
        aria-label={props.label}
      >
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
