import type { Bound } from "./contract.ts";
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

/**
 * The open requests, in memory, the longest silent first. A touch costs no row; after a restart every hold has its full
 * time again.
 */
export class Holds {
  readonly #open = new Map<number, Hold>();
  readonly #lifeMs: number;

  constructor(holdSeconds: number) {
    this.#lifeMs = holdSeconds * 1000;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a hold, or puts another in the place of the one that is open. */
  open(seq: number, { draft, path, bound, sentWith, asked }: Admission, windows: string[][], now: number): Hold {
    const hold: Hold = {
      seq,
      eventId: draft.eventId,
      nodes: [draft.keyId, ...path],
      windows,
      bound,
      sentWith,
      asked,
      startedAt: draft.startedAt,
      deadline: now + this.#lifeMs,
    };
    this.#open.delete(seq);
    this.#open.set(seq, hold);
    return hold;
  }

  get(seq: number): Hold | undefined {
    return this.#open.get(seq);
  }

  close(seq: number): void {
    this.#open.delete(seq);
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
}
