import { Popover as Kobalte } from "@kobalte/core/popover";
import { Button } from "./button.tsx";
import type { Standing } from "./later.tsx";
import type { PopoverProps } from "./popover.tsx";

/** The button with what it opens. */
export function PopoverOverlay(props: PopoverProps & Standing) {
  return (
    <Kobalte defaultOpen={props.startOpen}>
      <Kobalte.Trigger as={Button} ref={props.ref} look={props.look ?? "plain"}>
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
