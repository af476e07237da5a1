import { createEffect, createSignal } from "solid-js";
import type { Scope } from "./scope.ts";

export interface Brush {
  /** Narrows the page to the time between two ISO moments; the later one may still be to come. */
  select(from: string, to: string): void;
  /**
   * Back to the period before the first narrowing; from two moments that came otherwise (a link, dates that were written), to
   * the last period before now that the page showed. Left away where there is no way back.
   */
  reset: (() => void) | undefined;
}

interface Period {
  from: string;
  /** Empty: now. */
  to: string;
}

/** Narrows a page's period by its charts, and remembers what it was. */
export function createBrush(scope: Scope): Brush {
  const [before, setBefore] = createSignal<Period | null>(null);
  const [made, setMade] = createSignal<Period | null>(null);
  const [beforeNow, setBeforeNow] = createSignal(scope.defaultRange);
  createEffect(() => {
    if (!scope.to()) setBeforeNow(scope.from());
  });
  const isMine = () => made()?.from === scope.from() && made()?.to === scope.to();
  return {
    select(from, to) {
      const until = new Date(Math.min(Date.parse(to), Date.now())).toISOString();
      if (!isMine()) setBefore({ from: scope.from(), to: scope.to() });
      setMade({ from, to: until });
      scope.setRange(from, until);
    },
    get reset() {
      const back = isMine() ? before() : scope.to() ? { from: beforeNow(), to: "" } : null;
      return back ? () => scope.setRange(back.from, back.to) : undefined;
    },
  };
}
