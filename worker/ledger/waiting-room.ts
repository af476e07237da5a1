/** Requests that wait for others to release what they hold. More than these are not made to wait. */
const MOST_WAITING = 2_000;

/** What others' holds are waited for: the whole output cap, the least that may be sent, or nothing any more. */
export type WaitsFor = "whole" | "least" | null;

interface Waiter<Answer> {
  attempt(waitsFor: WaitsFor): Answer | null;
  waitsFor: WaitsFor;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Those who wait, tried in the order they came, each for a time of its own. In memory: who waits has been promised nothing. */
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
   * Waits until `attempt` has an answer.
   * @param whole milliseconds it waits for its whole cap
   * @param longest milliseconds it waits in all, at least `whole`
   * @param attempt tried at each release; when it waits for nothing any more it must answer
   */
  async wait(whole: number, longest: number, attempt: (waitsFor: WaitsFor) => Answer | null): Promise<Answer> {
    if (this.#waiters.size >= MOST_WAITING) return attempt(null) as Answer;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiter: Waiter<Answer> = { attempt, waitsFor: "whole", resolve, reject };
    this.#waiters.add(waiter);
    const from = (after: number, waitsFor: WaitsFor) =>
      this.#sleep(after).then(() => {
        waiter.waitsFor = waitsFor;
        this.#try(waiter);
      });
    if (longest > whole) void from(whole, "least");
    void from(longest, null);
    return promise;
  }

  /** Something was released: whoever fits now goes. */
  released(): void {
    for (const waiter of this.#waiters) this.#try(waiter);
  }

  #try(waiter: Waiter<Answer>): void {
    if (!this.#waiters.has(waiter)) return;
    try {
      const answer = waiter.attempt(waiter.waitsFor);
      if (answer === null) return;
      waiter.resolve(answer);
    } catch (error) {
      waiter.reject(error);
    }
    this.#waiters.delete(waiter);
  }
}
