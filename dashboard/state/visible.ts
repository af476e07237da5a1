import { type Accessor, createSignal, onCleanup } from "solid-js";

/** Whether the page can be seen: a hidden tab asks nothing. */
export function createVisible(): Accessor<boolean> {
  const [visible, setVisible] = createSignal(!document.hidden);
  const update = () => setVisible(!document.hidden);
  document.addEventListener("visibilitychange", update);
  onCleanup(() => document.removeEventListener("visibilitychange", update));
  return visible;
}
