/** Answers read on without a client that an isolate can bear; each costs a connection and a timer. */
const MOST = 100;

/** How many answers are read to their end though their clients have left, in an isolate. */
export class Drains {
  /** When each is over at the latest: a request that the platform ended says nothing any more. */
  readonly #running = new Map<number, number>();
  #next = 0;

  /** A ticket for one more, which is over at `until` (milliseconds since the epoch); null when there are too many. */
  begin(now: number, until: number): number | null {
    if (this.#running.size >= MOST) {
      for (const [ticket, end] of this.#running) if (end <= now) this.#running.delete(ticket);
      if (this.#running.size >= MOST) return null;
    }
    this.#running.set(this.#next, until);
    return this.#next++;
  }

  end(ticket: number): void {
    this.#running.delete(ticket);
  }
}
