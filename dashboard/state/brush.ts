import { createSignal } from "solid-js";
import type { Scope } from "./scope.ts";

export interface Brush {
  /** Narrows the page to the time between two ISO moments; the later one may still be to come. */
  select(from: string, to: string): void;
  /** Back to the period before the first narrowing; left away when there was none, or another period was chosen since. */
  reset: (() => void) | undefined;
}

/** Narrows a page's period by its charts, and remembers what it was. */
export function createBrush(scope: Scope): Brush {
  const [before, setBefore] = createSignal<{ from: string; to: string } | null>(null);
  const [made, setMade] = createSignal<{ from: string; to: string } | null>(null);
  const isMine = () => made()?.from === scope.from() && made()?.to === scope.to();
  return {
    select(from, to) {
      const until = new Date(Math.min(Date.parse(to), Date.now())).toISOString();
      if (!isMine()) setBefore({ from: scope.from(), to: scope.to() });
      setMade({ from, to: until });
      scope.setRange(from, until);
    },
    get reset() {
      const known = before();
      if (!known || !isMine()) return undefined;
      return () => scope.setRange(known.from, known.to);
    },
  };
}
