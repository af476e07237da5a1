import type { Cooldowns, CoolingTarget } from "../lib/cooldowns.ts";
import type { Breakers, Passage } from "./breaker.ts";
import { type AttemptFailure, coolingUntil, factsOf } from "./failures.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { byHealth, type Candidate } from "./targets.ts";

export interface HealthParts {
  breakers: Breakers;
  cooldowns: Cooldowns;
  budget: RetryBudget;
}

/** What an isolate knows of its targets' health, and how many retries it may still spend. Moments: milliseconds since the epoch. */
export class Health {
  readonly #breakers: Breakers;
  readonly #cooldowns: Cooldowns;
  readonly #budget: RetryBudget;

  constructor({ breakers, cooldowns, budget }: HealthParts) {
    this.#breakers = breakers;
    this.#cooldowns = cooldowns;
    this.#budget = budget;
  }

  /** Those that are well in their order, then the others, the soonest to be well first. */
  order<C extends Pick<Candidate, "key">>(candidates: readonly C[], now: number): C[] {
    return byHealth(candidates, { breakers: this.#breakers, cooldowns: this.#cooldowns, now });
  }

  /** Why a target is better left alone, in a stable word; null: it is well. */
  ailment(target: string, now: number): "cooling" | "breaker_open" | null {
    if (this.#cooldowns.until(target, now) !== null) return "cooling";
    return this.#breakers.blockedUntil(target, now) === null ? null : "breaker_open";
  }

  /** A target is about to be asked. What this gives is to be told with what becomes of it. */
  begin(target: string, now: number): Passage | null {
    return this.#breakers.mayTry(target, now);
  }

  /** It has answered. */
  succeeded(target: string, passage: Passage | null, now: number): void {
    this.#breakers.succeeded(target, passage, now);
  }

  /** It was not asked after all, or what came of it says nothing of it. */
  abandoned(target: string, passage: Passage | null): void {
    this.#breakers.abandoned(target, passage);
  }

  /** It has failed; null, or until when it is to be left alone, which others should know. */
  failed(
    target: string,
    passage: Passage | null,
    { failure, retryAfterMs, now }: { failure: AttemptFailure; retryAfterMs: number | null; now: number },
  ): CoolingTarget | null {
    if (factsOf(failure).countsAgainst) this.#breakers.failed(target, passage, now, this.#budget.isScarce(now));
    else this.#breakers.abandoned(target, passage);
    const until = coolingUntil(failure, retryAfterMs, now);
    if (until === null) return null;
    const cooling = { target, until, reason: failure };
    this.#cooldowns.learn([cooling], now);
    return cooling;
  }

  /** What others have found. */
  learn(cooling: readonly CoolingTarget[], now: number): void {
    this.#cooldowns.learn(cooling, now);
  }

  /** A request has come, which allows for a part of a retry. */
  count(now: number): void {
    this.#budget.request(now);
  }

  /** Spends a retry, if there is one to be spent. */
  mayRetry(now: number): boolean {
    return this.#budget.mayRetry(now);
  }
}
