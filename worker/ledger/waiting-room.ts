/** Requests that wait for others to release what they hold. More than these are not made to wait. */
const MOST_WAITING = 2_000;

interface Waiter<Answer> {
  attempt(last: boolean): Answer | null;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Those who wait, first come first served, each for a time of its own. In memory: who waits has been promised nothing. */
export class WaitingRoom<Answer> {
  readonly #waiters = new Set<Waiter<Answer>>();
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(sleep: (milliseconds: number) => Promise<void>) {
    this.#sleep = sleep;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Waits until `attempt` has an answer, at most so long.
   * @param attempt tried at each release; with `last` it must answer
   */
  async wait(milliseconds: number, attempt: (last: boolean) => Answer | null): Promise<Answer> {
    if (this.#waiters.size >= MOST_WAITING) return attempt(true) as Answer;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiter = { attempt, resolve, reject };
    this.#waiters.add(waiter);
    this.#sleep(milliseconds).then(() => this.#try(waiter, true));
    return promise;
  }

  /** Something was released: whoever fits now goes. */
  released(): void {
    for (const waiter of this.#waiters) this.#try(waiter, false);
  }

  #try(waiter: Waiter<Answer>, last: boolean): void {
    if (!this.#waiters.has(waiter)) return;
    try {
      const answer = waiter.attempt(last);
      if (answer === null) return;
      waiter.resolve(answer);
    } catch (error) {
      waiter.reject(error);
    }
    this.#waiters.delete(waiter);
  }
}
