import { utf8 } from "../lib/encoding.ts";
import { endsWithModel, type PromptPrefixes } from "./prompt-prefixes.ts";

/** The part of a prompt that a provider has counted, and what has come since. */
export interface CountedPrefix {
  /** Input tokens that it was billed, those from a cache included. */
  tokens: number;
  /** Bytes of the turns that are new, and of what the prefix was not told apart by. */
  newBytes: number;
  /** Whether a path of the body lies in a new turn. */
  isNew(path: string): boolean;
}

/** A name for a model may come to mean another one, which counts otherwise. */
const LIFETIME = 60 * 60 * 1000;
const MOST_PROMPTS = 4_096;

/**
 * What providers have counted of prompts, so that the same conversation grown longer need not be held at a token a byte. A
 * hint of one isolate: without it more is held. Nothing of a request is kept but a hash.
 */
export class CountedPrompts {
  readonly #known = new Map<string, { tokens: number; until: number }>();

  /** The longest prefix that was counted; null where none was. */
  find({ list, turns, marks, unmarked }: PromptPrefixes, now: number): CountedPrefix | null {
    const at = marks.findLastIndex((mark) => (this.#known.get(mark)?.until ?? 0) > now);
    const known = this.#known.get(marks[at] ?? "");
    if (known === undefined) return null;
    const fresh = turns.slice(at + 1);
    return {
      tokens: known.tokens,
      newBytes: unmarked + utf8(JSON.stringify(fresh)).byteLength,
      isNew(path) {
        const index = path.startsWith(`${list}[`) ? Number.parseInt(path.slice(list.length + 1), 10) : 0;
        return index > at;
      },
    };
  }

  /** @param tokens as the provider told them, exactly */
  remember(prefixes: PromptPrefixes, tokens: number, now: number): void {
    const mark = prefixes.marks.at(-1);
    if (mark === undefined || tokens === 0 || endsWithModel(prefixes)) return;
    this.#known.delete(mark);
    this.#known.set(mark, { tokens, until: now + LIFETIME });
    if (this.#known.size <= MOST_PROMPTS) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
