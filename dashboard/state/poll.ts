import { type Accessor, createEffect, createSignal, onCleanup, untrack } from "solid-js";
import { type ApiFailure, asFailure } from "../api/failure.ts";

const LONGEST_WAIT_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;

export interface Poll {
  /** Why the last round failed; null when it did not. */
  failure: Accessor<ApiFailure | null>;
  /** When the next round after a failure begins, in milliseconds since the epoch. */
  retryAt: Accessor<number | null>;
  /** Ask again without waiting. */
  askNow(): void;
}

/** Whether the page can be seen: a hidden tab asks nothing. */
export function createVisible(): Accessor<boolean> {
  const [visible, setVisible] = createSignal(!document.hidden);
  const update = () => setVisible(!document.hidden);
  document.addEventListener("visibilitychange", update);
  onCleanup(() => document.removeEventListener("visibilitychange", update));
  return visible;
}

/**
 * Asks again and again, `everyMs` after each answer, while `enabled` and the page can be seen; after failures twice as
 * late each time, up to 30 s. `ask` throws when it fails.
 */
export function createPoll(options: {
  ask: (signal: AbortSignal) => Promise<void>;
  everyMs: number;
  enabled: Accessor<boolean>;
}): Poll {
  const visible = createVisible();
  const [failure, setFailure] = createSignal<ApiFailure | null>(null);
  const [retryAt, setRetryAt] = createSignal<number | null>(null);
  const [asked, setAsked] = createSignal(0);

  createEffect(() => {
    asked();
    if (!options.enabled() || !visible()) return;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;

    const round = async (): Promise<void> => {
      setRetryAt(null);
      const problem = await options
        .ask(AbortSignal.any([ended.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]))
        .then(() => null, asFailure);
      if (ended.signal.aborted) return;
      setFailure(problem);
      failures = problem ? failures + 1 : 0;
      const wait = Math.min(options.everyMs * 2 ** failures, Math.max(LONGEST_WAIT_MS, options.everyMs));
      if (problem) setRetryAt(Date.now() + wait);
      timer = setTimeout(round, wait);
    };
    void untrack(round);
    onCleanup(() => {
      ended.abort();
      clearTimeout(timer);
    });
  });

  return { failure, retryAt, askNow: () => setAsked((count) => count + 1) };
}
