import type { AdmitRequest, Cooling, Replan } from "./contract.ts";

/** No target is left alone for longer than this, whatever it asks for. */
const LONGEST_MS = 300_000;
const MOST_TARGETS = 1_000;

/**
 * Targets that asked to be left alone, and until when. In memory: nothing is lost with it but a request or two that is sent
 * where it will be refused.
 */
export class Cooldowns {
  readonly #until = new Map<string, number>();

  /** Of two times of a target the later one holds. Beyond the most that are kept, those that end first are forgotten. */
  learn(cooling: readonly Cooling[], now: number): void {
    for (const { target, until } of cooling) {
      const end = Math.min(until, now + LONGEST_MS);
      if (end > now && end > (this.#until.get(target) ?? 0)) this.#until.set(target, end);
    }
    if (this.#until.size <= MOST_TARGETS) return;
    const latestFirst = this.active(now).sort((one, other) => other.until - one.until);
    this.#until.clear();
    for (const { target, until } of latestFirst.slice(0, MOST_TARGETS)) this.#until.set(target, until);
  }

  active(now: number): Cooling[] {
    for (const [target, until] of this.#until) if (until <= now) this.#until.delete(target);
    return [...this.#until].map(([target, until]) => ({ target, until }));
  }

  isCooling(target: string, now: number): boolean {
    return (this.#until.get(target) ?? 0) > now;
  }

  /** What a request is told whose target is cooling where another could serve it; null: nothing stands against it. */
  replan({ alternatives, target }: Pick<AdmitRequest, "alternatives" | "target">, now: number): Replan | null {
    return alternatives && this.isCooling(target, now)
      ? { ok: false, code: "cooling", cooling: this.active(now) }
      : null;
  }
}
