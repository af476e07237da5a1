import { createHash } from "node:crypto";
import { arrayAt, isObject, parseJson, stringAt } from "../lib/json.ts";
import { editJson } from "../lib/json-edit.ts";

/**
 * OpenAI seals thoughts for the account that they were made for, and any other refuses a whole request for one of them
 * (`invalid_encrypted_content`). A conversation that has moved to another account, and perhaps back, carries such thoughts
 * in its history; what nobody there can read is no loss to the model.
 */

/** A thought in a Responses request. */
export interface SealedThought {
  /** Its place in `input`. */
  index: number;
  /** Tells it from others. */
  mark: string;
}

/** The sealed thoughts in a Responses request. */
export const thoughtsOf = (body: unknown): SealedThought[] =>
  arrayAt(body, "input").flatMap((item, index) => {
    const sealed = isObject(item) && item.type === "reasoning" ? stringAt(item, "encrypted_content") : undefined;
    return sealed === undefined ? [] : [{ index, mark: createHash("sha256").update(sealed).digest("base64") }];
  });

/** The same in its text. */
export const thoughtsIn = (text: string): SealedThought[] =>
  text.includes('"encrypted_content"') ? thoughtsOf(parseJson(text)) : [];

/** The same request without some of its thoughts; every other byte stays. */
export function withoutThoughts(text: string, thoughts: readonly SealedThought[]): string {
  const places = new Set(thoughts.map(({ index }) => index));
  return editJson(text, ([list, index, ...inside]) =>
    list === "input" && inside.length === 0 && typeof index === "number" && places.has(index) ? null : undefined,
  );
}

/** More than many long conversations have; a hint only: what is forgotten is refused once more. */
const MOST = 20_000;

/** Which thoughts stood in requests that were refused for one of them, by target (`targetKey`), as an isolate has seen it. */
export class RefusedThoughts {
  /** The oldest first. */
  readonly #known = new Set<string>();

  learn(target: string, thoughts: readonly SealedThought[]): void {
    for (const { mark } of thoughts) this.#known.add(`${target}\n${mark}`);
    for (const oldest of this.#known) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
  }

  /** Those in the text of a Responses request that this target is not to be sent. */
  in(text: string, target: string): SealedThought[] {
    if (this.#known.size === 0) return [];
    return thoughtsIn(text).filter(({ mark }) => this.#known.has(`${target}\n${mark}`));
  }
}
