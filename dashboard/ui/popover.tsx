import { Popover as Kobalte } from "@kobalte/core/popover";
import type { JSX } from "solid-js";
import { Button } from "./button.tsx";

/** A button that opens a few controls beside it. Escape and what lies outside close it; the focus goes back to the button. */
export function Popover(props: { label: string; title: string; look?: "plain" | "quiet"; children: JSX.Element }) {
  return (
    <Kobalte>
      <Kobalte.Trigger as={Button} look={props.look ?? "plain"}>
        {props.label}
      </Kobalte.Trigger>
      <Kobalte.Portal>
        <Kobalte.Content class="overlay-in z-50 max-h-[70vh] w-64 overflow-y-auto rounded-panel border border-rule bg-surface p-4 shadow-overlay outline-none">
          <Kobalte.Title class="sr-only">{props.title}</Kobalte.Title>
          {props.children}
        </Kobalte.Content>
      </Kobalte.Portal>
    </Kobalte>
  );
}
