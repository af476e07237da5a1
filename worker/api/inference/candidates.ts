import { type AccessRule, ruleAgainst } from "../../canonical/model-access.ts";
import type { RouteRecord } from "../../canonical/tenant.ts";
import type { AttemptRecord } from "../../canonical/usage-event.ts";
import type { Passage } from "../../router/breaker.ts";
import type { Health } from "../../router/health.ts";
import type { Target } from "../../router/resolve.ts";
import type { Candidate } from "../../router/targets.ts";
import { type Before, NOTHING_BEFORE } from "./exchange.ts";
import { modelOf } from "./informed.ts";

/** Calls of providers for one request at most. */
export const MOST_ATTEMPTS = 4;
/** What is passed over is told in the request's row, which must stay small. */
const MOST_TOLD = 20;

/** Calls of one target for one request at most. */
const MOST_TRIES = 2;

/** A target that is about to be asked. */
export interface Taken {
  candidate: Candidate;
  /** What its breaker let it through with. */
  passage: Passage | null;
}

/** A target as the request's row names it. */
export const targetOf = ({ provider, upstreamModel, credential }: Target) => ({
  ...{ provider: provider.id, model: upstreamModel, credential },
});

export interface CandidatesOptions {
  route: RouteRecord | null;
  /** In the order in which they are wanted. */
  wanted: readonly Candidate[];
  mayMoveOn: boolean;
  before?: Before;
}

/**
 * The targets that may serve one request: those not yet tried, in the order in which they are wanted, and what became of the
 * others.
 */
export class Candidates {
  /** The route they are of; null: the client named the target. */
  readonly route: RouteRecord | null;
  /** Another attempt may follow one that fails: a route, or fallbacks of the client's, say so. */
  readonly mayMoveOn: boolean;
  readonly #left: Candidate[];
  readonly #tries = new Map<string, number>();
  readonly #ailing = new Set<string>();
  /** What the request has behind it. */
  before: Before;

  constructor({ route, wanted, mayMoveOn, before = NOTHING_BEFORE }: CandidatesOptions) {
    this.route = route;
    this.mayMoveOn = mayMoveOn;
    this.before = before;
    this.#left = [...wanted];
  }

  /** Others than those that were taken are left. */
  get alternatives(): boolean {
    return this.#left.length > 0;
  }

  /**
   * The next one: the first that is well, else the one that is soonest likely to be; those before it are passed over for now.
   * Null: none is left.
   */
  take(health: Health, now: number, startedAt: number): Taken | null {
    const [best] = health.order(this.#left, now);
    if (best === undefined) return null;
    const at = this.#left.indexOf(best);
    for (const { key, target } of this.#left.slice(0, at)) {
      const ailment = health.ailment(key, now);
      if (ailment !== null && !this.#ailing.has(key)) this.skip(targetOf(target), ailment, now - startedAt);
      this.#ailing.add(key);
    }
    this.#left.splice(at, 1);
    this.#tries.set(best.key, (this.#tries.get(best.key) ?? 0) + 1);
    return { candidate: best, passage: health.begin(best.key, now) };
  }

  /** It was taken and not asked: it is as if it had not been. */
  giveBack(candidate: Candidate): void {
    this.#tries.set(candidate.key, (this.#tries.get(candidate.key) ?? 1) - 1);
    this.#left.unshift(candidate);
  }

  /** It may be tried once more, after the others. */
  putBack(candidate: Candidate): void {
    if ((this.#tries.get(candidate.key) ?? 0) < MOST_TRIES) this.#left.push(candidate);
  }

  /** Keeps only those that could do what the last one could not. */
  keep(could: (candidate: Candidate) => boolean): void {
    for (const candidate of this.#left.filter((one) => !could(one))) {
      this.#left.splice(this.#left.indexOf(candidate), 1);
    }
  }

  /** Passes over those that organizations do not allow. */
  forbid(rules: readonly AccessRule[], startMs: number): void {
    for (const { target } of this.#left.filter((one) => ruleAgainst(rules, modelOf(one.target)) !== null)) {
      this.skip(targetOf(target), "model_not_allowed", startMs);
    }
    this.keep(({ target }) => ruleAgainst(rules, modelOf(target)) === null);
  }

  /** A target was passed over. */
  skip(target: Pick<AttemptRecord, "provider" | "model" | "credential">, reason: string, startMs: number): void {
    const { tries, ...before } = this.before;
    if (tries.length >= MOST_TOLD) return;
    const skipped: AttemptRecord = {
      ...{ ...target, outcome: "skipped", reason, status: null, startMs, durationMs: 0, costNano: 0 },
    };
    this.before = { ...before, tries: [...tries, skipped] };
  }
}
