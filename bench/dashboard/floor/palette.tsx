import { Dialog } from "@kobalte/core/dialog";
import { createSignal, For } from "solid-js";

const NAMES = Array.from({ length: 40 }, (_, index) => `entry ${index}`);

/** A dialog with a line to write in, and a list that follows it. */
export function Palette(props: { onClose: () => void }) {
  const [written, setWritten] = createSignal("");
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Content class="fixed inset-x-4 top-[12vh] mx-auto max-w-lg bg-surface">
          <Dialog.Title>Palette</Dialog.Title>
          <input type="text" value={written()} onInput={(event) => setWritten(event.currentTarget.value)} />
          <For each={NAMES.filter((name) => name.includes(written()))}>
            {(name) => <button type="button">{name}</button>}
          </For>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
}
