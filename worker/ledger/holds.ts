import { amountOfBound } from "./amounts.ts";
import type { Bound } from "./contract.ts";
import type { Counters } from "./counters.ts";
import type { Admission, Asked, SentWith } from "./journal.ts";

/** An open request: what is held for it, and until when it may stay silent. */
export interface Hold {
  seq: number;
  eventId: string;
  /** The key, then the organizations up to the root. */
  nodes: readonly string[];
  /** The windows each of them is held in: those the request began in. */
  windows: string[][];
  bound: Bound;
  sentWith: SentWith;
  asked: Asked | undefined;
  startedAt: number;
  deadline: number;
}

const BOUND = ["inputTokens", "outputTokens", "costNano"] as const satisfies readonly (keyof Bound)[];

/** Whether the attempt that is held is this one. */
export const isRepeat = ({ asked }: Hold, { target, bound }: Asked): boolean =>
  asked !== undefined && asked.target === target && BOUND.every((field) => asked.bound[field] === bound[field]);

/**
 * The open requests and what is counted as held for them, in memory, the longest silent first. A touch costs no row; after a restart every hold has its full
 * time again.
 */
export class Holds {
  readonly #open = new Map<number, Hold>();
  readonly #counters: Counters;
  readonly #lifeMs: number;

  constructor(counters: Counters, holdSeconds: number) {
    this.#counters = counters;
    this.#lifeMs = holdSeconds * 1000;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a hold, or puts another in the place of the one that is open. */
  open(seq: number, { draft, path, bound, sentWith, asked }: Admission, now: number): void {
    const nodes = [draft.keyId, ...path];
    const hold: Hold = {
      seq,
      eventId: draft.eventId,
      nodes,
      windows: nodes.map((node) => this.#counters.windowsOf(node, draft.startedAt)),
      bound,
      sentWith,
      asked,
      startedAt: draft.startedAt,
      deadline: now + this.#lifeMs,
    };
    this.close(seq);
    this.#open.set(seq, hold);
    this.#count(hold, 1);
  }

  get(seq: number): Hold | undefined {
    return this.#open.get(seq);
  }

  close(seq: number): void {
    const hold = this.#open.get(seq);
    if (hold === undefined) return;
    this.#open.delete(seq);
    this.#count(hold, -1);
  }

  /** What is decided as if nothing was held under a sequence; where nothing is, that is what is. */
  without<Decision>(seq: number, decide: () => Decision): Decision {
    const hold = this.#open.get(seq);
    if (hold === undefined) return decide();
    this.#count(hold, -1);
    try {
      return decide();
    } finally {
      this.#count(hold, 1);
    }
  }

  touch(seq: number, now: number): void {
    const hold = this.#open.get(seq);
    if (hold === undefined) return;
    hold.deadline = now + this.#lifeMs;
    this.#open.delete(seq);
    this.#open.set(seq, hold);
  }

  /** When the next hold ends, null when none is open. */
  get nextDeadline(): number | null {
    for (const hold of this.#open.values()) return hold.deadline;
    return null;
  }

  /** The holds that have ended. */
  expired(now: number): Hold[] {
    const expired: Hold[] = [];
    for (const hold of this.#open.values()) {
      if (hold.deadline > now) break;
      expired.push(hold);
    }
    return expired;
  }

  #count({ nodes, windows, bound }: Hold, factor: 1 | -1): void {
    this.#counters.hold(nodes, windows, amountOfBound(bound), factor);
  }
}
