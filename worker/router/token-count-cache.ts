import type { Warning } from "../canonical/losses.ts";

/** A provider's count as its client got it. */
export interface CountedAnswer {
  text: string;
  contentType: string;
  /** What translation could not keep, which the client is told each time. */
  warnings: readonly Warning[];
}

/** Long enough for an agent that counts the same conversation before each of its turns. */
const LIFETIME = 60 * 1000;
const MOST_ANSWERS = 1000;
const LONGEST_ANSWER = 4096;

/** Counts of the last minute, by tenant, model and body. The oldest go first; nothing of a request is kept but a hash. */
export class TokenCountCache {
  readonly #known = new Map<string, { answer: CountedAnswer; until: number }>();

  get(key: string, now: number): CountedAnswer | null {
    const entry = this.#known.get(key);
    if (entry === undefined) return null;
    if (now < entry.until) return entry.answer;
    this.#known.delete(key);
    return null;
  }

  remember(key: string, answer: CountedAnswer, now: number): void {
    if (answer.text.length > LONGEST_ANSWER) return;
    this.#known.delete(key);
    this.#known.set(key, { answer, until: now + LIFETIME });
    if (this.#known.size <= MOST_ANSWERS) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
