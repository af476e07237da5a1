/** What was typed for a field that is not there yet. */
export interface Typed {
  text: string;
  /** That Enter was pressed after it. */
  entered: boolean;
}

let caught: Typed | null = null;
let cancel = () => {};

const onKeyDown = (event: KeyboardEvent) => {
  if (caught === null || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "Escape") {
    stopCatching();
    cancel();
    return;
  }
  if (event.key === "Enter") caught.entered = true;
  else if (event.key === "Backspace") caught.text = caught.text.slice(0, -1);
  else if (event.key.length === 1) caught.text += event.key;
  else return;
  // Neither a shortcut of the page nor what has the focus is meant.
  event.preventDefault();
  event.stopPropagation();
};

const onPaste = (event: ClipboardEvent) => {
  if (caught === null) return;
  caught.text += event.clipboardData?.getData("text") ?? "";
  event.preventDefault();
  event.stopPropagation();
};

/**
 * Keeps what is typed and pasted from now on for a field that is on its way, so that nothing is lost between a shortcut and
 * the moment its dialog has the focus. Ends with `takeTyped`, with Escape, which calls `onEscape`, or with a click elsewhere.
 */
export function catchTyping(onEscape: () => void): void {
  if (caught !== null) return;
  cancel = onEscape;
  caught = { text: "", entered: false };
  addEventListener("keydown", onKeyDown, true);
  addEventListener("paste", onPaste, true);
  addEventListener("pointerdown", stopCatching, true);
}

/** What was caught, for the field that has the focus now; null when nothing was being caught. */
export function takeTyped(): Typed | null {
  const taken = caught;
  stopCatching();
  return taken;
}

function stopCatching(): void {
  caught = null;
  removeEventListener("keydown", onKeyDown, true);
  removeEventListener("paste", onPaste, true);
  removeEventListener("pointerdown", stopCatching, true);
}
