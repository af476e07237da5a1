import { RETRY_SHARE } from "./retry-budget.ts";

/** How a target stands: it is asked as usual; not for now; or once, to see how it is. */
export type BreakerState = "closed" | "open" | "half_open";

/** What a call was let through with; it means something to `Breakers` only. */
export type Passage = number;

/** Failures in a row that open it. */
const IN_A_ROW = 5;
/** So many calls within so long, of which so many fail, open it too. */
const ENOUGH_CALLS = 20;
const FAILING = 0.5;
/** While retries run short it is left alone for less: such a part of its calls is more than retries make up for. */
const COSTLY = RETRY_SHARE;
/** One failure alone is no part of anything. */
const LEAST_COSTLY = 2;
/** Calls are counted by the second, for their number has no bound: the one that runs and those before it, so many in all. */
const SECONDS = 30;
/** Milliseconds it stays open at first; twice as long each time a probe fails. */
const SHORTEST = 10_000;
const LONGEST = 300_000;
/** So much more or less, so that isolates do not come back together. */
const JITTER = 0.2;
/** Milliseconds after which a probe that nobody reports on is given up: its request was torn down. */
const LOST = 300_000;
/** Names come from clients: the memory must not grow with them. */
const MOST_TARGETS = 1_000;

interface Slot {
  /** Since the epoch. */
  second: number;
  calls: number;
  failures: number;
}

interface Breaker {
  /** Counts the changes of its state: what was let through before one tells nothing after it. */
  generation: Passage;
  inARow: number;
  /** In the order of time. */
  slots: Slot[];
  /** How often it has opened since it last closed. */
  opened: number;
  /** Null while it is closed. */
  openUntil: number | null;
  /** When the probe began; null where none is under way. */
  probedAt: number | null;
}

const closed = (generation: Passage): Breaker => ({
  ...{ generation, inARow: 0, slots: [], opened: 0, openUntil: null, probedAt: null },
});

/**
 * Circuit breakers, one for each target (`targetKey`), as one isolate knows them: a target that keeps failing is not asked
 * for a while, then one request finds out whether it is well again. A target that fails now and then is asked as long as
 * retries make up for it: where they run short it is left alone, too, or callers would be told of failures that another
 * target could have spared them. Each call is reported back once with what it was let
 * through with; null says that it was made in spite of the breaker, where no target was better. Moments are milliseconds
 * since the epoch.
 */
export class Breakers {
  /** The longest untouched first. */
  readonly #known = new Map<string, Breaker>();
  readonly #random: () => number;
  #generation: Passage = 0;

  /** @param random from 0 up to 1, for the jitter */
  constructor(random: () => number) {
    this.#random = random;
  }

  state(target: string, now: number): BreakerState {
    const openUntil = this.#known.get(target)?.openUntil ?? null;
    if (openUntil === null) return "closed";
    return now < openUntil ? "open" : "half_open";
  }

  /** Until when nothing is let through, as far as that is known: now, where a probe is under way. Null: `mayTry` would. */
  blockedUntil(target: string, now: number): number | null {
    const breaker = this.#known.get(target);
    if (breaker === undefined || breaker.openUntil === null) return null;
    if (now < breaker.openUntil) return breaker.openUntil;
    return isProbing(breaker, now) ? now : null;
  }

  /** Lets a call through, or says null. The first one where it is half open is the probe; the others wait for its report. */
  mayTry(target: string, now: number): Passage | null {
    const breaker = this.#known.get(target);
    if (breaker === undefined || breaker.openUntil === null) return breaker?.generation ?? 0;
    if (now < breaker.openUntil || isProbing(breaker, now)) return null;
    breaker.probedAt = now;
    breaker.generation = ++this.#generation;
    return breaker.generation;
  }

  /** The target answered: a probe, or a call in spite of it, closes it. */
  succeeded(target: string, passage: Passage | null, now: number): void {
    const breaker = this.#of(target);
    if (isStale(breaker, passage)) return;
    if (breaker.openUntil !== null) Object.assign(breaker, closed(++this.#generation));
    else {
      breaker.inARow = 0;
      count(breaker, now, 0);
    }
  }

  /**
   * The call failed in a way that speaks against the target (`countsAgainst`). A probe opens it again, for longer.
   * @param scarce retries run short (`RetryBudget.isScarce`)
   */
  failed(target: string, passage: Passage | null, now: number, scarce = false): void {
    const breaker = this.#of(target);
    if (isStale(breaker, passage)) return;
    if (breaker.openUntil === null) {
      breaker.inARow++;
      count(breaker, now, 1);
      if (breaker.inARow >= IN_A_ROW || isFailing(breaker, scarce)) this.#open(breaker, now);
    } else if (passage !== null) this.#open(breaker, now);
  }

  /** The call says nothing of the target: the client left, or the fault was the request's. Another may probe. */
  abandoned(target: string, passage: Passage | null): void {
    const breaker = this.#known.get(target);
    if (breaker !== undefined && passage === breaker.generation) breaker.probedAt = null;
  }

  #open(breaker: Breaker, now: number): void {
    const usual = Math.min(SHORTEST * 2 ** breaker.opened, LONGEST);
    const spread = 1 + JITTER * (2 * this.#random() - 1);
    breaker.openUntil = now + Math.min(Math.round(usual * spread), LONGEST);
    breaker.opened++;
    breaker.probedAt = null;
    breaker.generation = ++this.#generation;
  }

  #of(target: string): Breaker {
    const breaker = this.#known.get(target) ?? closed(0);
    this.#known.delete(target);
    this.#known.set(target, breaker);
    if (this.#known.size > MOST_TARGETS) this.#forget(target);
    return breaker;
  }

  /** Forgets the longest untouched but for `kept`, one that is closed where there is one. */
  #forget(kept: string): void {
    const names = [...this.#known.keys()].filter((name) => name !== kept);
    const [oldest] = names;
    const first = names.find((name) => this.#known.get(name)?.openUntil === null);
    this.#known.delete(first ?? oldest ?? kept);
  }
}

const isStale = ({ generation }: Breaker, passage: Passage | null): boolean =>
  passage !== null && passage !== generation;

const isProbing = ({ probedAt }: Breaker, now: number): boolean => probedAt !== null && now - probedAt < LOST;

/** A clock that goes back a little is taken to stand still. */
function count(breaker: Breaker, now: number, failures: number): void {
  const last = breaker.slots.at(-1);
  const second = Math.max(Math.floor(now / 1000), last?.second ?? 0);
  if (last?.second === second) {
    last.calls++;
    last.failures += failures;
  } else {
    breaker.slots = breaker.slots.filter((slot) => slot.second > second - SECONDS);
    breaker.slots.push({ second, calls: 1, failures });
  }
}

function isFailing({ slots }: Breaker, scarce: boolean): boolean {
  const calls = slots.reduce((sum, slot) => sum + slot.calls, 0);
  const failures = slots.reduce((sum, slot) => sum + slot.failures, 0);
  if (calls >= ENOUGH_CALLS && failures >= FAILING * calls) return true;
  return scarce && failures >= LEAST_COSTLY && failures > COSTLY * calls;
}
