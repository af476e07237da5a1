import { type Accessor, createSignal, onCleanup } from "solid-js";

/** Milliseconds since the epoch, told anew every second, for everything on the page that says how long ago. */
export function createClock(): Accessor<number> {
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => setNow(Date.now()), 1000);
  onCleanup(() => clearInterval(timer));
  return now;
}
