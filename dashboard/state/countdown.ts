import { type Accessor, createSignal, onCleanup } from "solid-js";

/** Counts seconds down to a moment; made anew with `start`. */
export function createCountdown(): { left: Accessor<number>; start(seconds: number): void } {
  const [now, setNow] = createSignal(Date.now());
  const [until, setUntil] = createSignal(0);
  const timer = setInterval(() => setNow(Date.now()), 1000);
  onCleanup(() => clearInterval(timer));
  return {
    left: () => Math.max(0, Math.ceil((until() - now()) / 1000)),
    start(seconds) {
      setNow(Date.now());
      setUntil(Date.now() + seconds * 1000);
    },
  };
}
