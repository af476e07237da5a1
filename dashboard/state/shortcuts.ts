import { createSignal, onCleanup, onMount } from "solid-js";
import { singleKeys } from "./preferences.ts";

/** A key and what it does; the same entry feeds the handler, the tooltip, the help and the palette. */
export interface Shortcut {
  /** `mod+k`, `j`, or one after the other: `g l`. `mod` is ⌘ or Ctrl. */
  keys: string;
  label: () => string;
  run: () => void;
  /** False: not a thing to look for in the palette (moving between rows). */
  listed?: boolean;
  /** It belongs to a dialog over the page: it holds there, where those of the page do not. */
  inDialog?: boolean;
}

const [shortcuts, setShortcuts] = createSignal<readonly Shortcut[]>([]);

/** All that hold now, the latest first. */
export { shortcuts };

/** Shortcuts that hold while the caller is on the page. Of several for the same keys the latest is meant. */
export function useShortcuts(own: readonly Shortcut[]): void {
  onMount(() => setShortcuts((all) => [...own, ...all]));
  onCleanup(() => setShortcuts((all) => all.filter((shortcut) => !own.includes(shortcut))));
}

const FOLLOWS_WITHIN_MS = 1000;
// A box to tick takes no letters.
const EDITABLE =
  "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=textbox], [role=combobox]";

const pressed = (event: KeyboardEvent): string =>
  `${event.metaKey || event.ctrlKey ? "mod+" : ""}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;

/** Whether a letter belongs to what has the focus. */
const isWritten = ({ target }: KeyboardEvent): boolean =>
  target instanceof Element && target.closest(EDITABLE) !== null;

const isUnderDialog = (): boolean =>
  document.querySelector('[role="dialog"][data-modal], [role="alertdialog"]') !== null;

/** Listens to the keyboard for all of them; call it once. */
export function listenToShortcuts(): void {
  let before = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = () => {
    before = "";
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Alt and Option write letters on some keyboards, and a key that is held is no second wish.
    if (event.defaultPrevented || event.altKey || event.repeat || event.isComposing) return;
    const key = pressed(event);
    const isLetter = !key.startsWith("mod+");
    if (isLetter && (singleKeys() === "off" || isWritten(event))) return;
    const own = isLetter && isUnderDialog() ? shortcuts().filter(({ inDialog }) => inDialog) : shortcuts();
    const both = before ? `${before} ${key}` : key;
    const found = own.find(({ keys }) => keys === both) ?? own.find(({ keys }) => keys === key);
    clearTimeout(timer);
    forget();
    if (found) {
      event.preventDefault();
      found.run();
    } else if (own.some(({ keys }) => keys.startsWith(`${key} `))) {
      before = key;
      timer = setTimeout(forget, FOLLOWS_WITHIN_MS);
    }
  };
  document.addEventListener("keydown", onKeyDown);
  onCleanup(() => {
    clearTimeout(timer);
    document.removeEventListener("keydown", onKeyDown);
  });
}

const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

/** Keys as they stand on the reader's keyboard: `⌘K`, `Ctrl K`, `g l`. */
export const keysAsWritten = (keys: string): string =>
  keys.replace(/^mod\+(.)$/, (_, key: string) => (APPLE ? `⌘${key.toUpperCase()}` : `Ctrl ${key.toUpperCase()}`));
