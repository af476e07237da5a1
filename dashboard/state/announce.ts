import { createSignal } from "solid-js";

/** What the two live regions say; the shell has them. */
const [politely, setPolitely] = createSignal("");
const [assertively, setAssertively] = createSignal("");

export { assertively, politely };

/** Says something to those who do not see the page, when they have heard what is being said. */
export function announce(text: string): void {
  // The same words twice are said twice.
  setPolitely("");
  queueMicrotask(() => setPolitely(text));
}

/** Says something at once: what failed and cannot wait. */
export function alertNow(text: string): void {
  setAssertively("");
  queueMicrotask(() => setAssertively(text));
}
