import type { Holder } from "./holder.ts";

type Timer = ReturnType<typeof setInterval>;

export interface ToucherOptions {
  /** Milliseconds between two touches: a third of a hold's life, so that one may be lost. */
  every: number;
  now(): number;
  setInterval(run: () => void, milliseconds: number): Timer;
  clearInterval(timer: Timer): void;
}

interface Open {
  timers: Map<number, Timer>;
  touchedAt: number;
}

/**
 * Keeps an isolate's open holds from expiring: now and then one call a Ledger for all of them. In workerd a timer and a call
 * belong to the request that makes them, so each request brings its own timer, and the first to ring touches for all.
 */
export class Toucher {
  readonly #options: ToucherOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: ToucherOptions) {
    this.#options = options;
  }

  /** Call in the request the hold belongs to. */
  hold(ledger: Holder, handle: number): void {
    const { every, now, setInterval } = this.#options;
    const open = this.#open.get(ledger.name) ?? { timers: new Map<number, Timer>(), touchedAt: now() };
    this.#open.set(ledger.name, open);
    const timer = setInterval(() => this.#ring(ledger, open), every);
    open.timers.set(handle, timer);
  }

  /** The hold has been settled; call in the same request. */
  release(ledger: Holder, handle: number): void {
    const open = this.#open.get(ledger.name);
    if (open === undefined) return;
    this.#options.clearInterval(open.timers.get(handle) as Timer);
    open.timers.delete(handle);
    if (open.timers.size === 0) this.#open.delete(ledger.name);
  }

  #ring(ledger: Holder, open: Open): void {
    const { every } = this.#options;
    const now = this.#options.now();
    // Rung for by another request a moment ago is soon enough.
    if (now - open.touchedAt < every / 2) return;
    open.touchedAt = now;
    // A lost touch is made good by the next.
    ledger.touch([...open.timers.keys()]).catch(() => {
      open.touchedAt = now - every;
    });
  }
}
