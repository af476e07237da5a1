import type { JsonObject } from "../lib/json.ts";

/**
 * What a decoder remembers of the JSON a canonical value was read from. Warnings point at `path`; an encoder of the same
 * dialect writes `rest` and `form` back, so that nothing is lost or renamed; every other encoder leaves them, and what is
 * in `rest` is reported.
 */
export interface Source {
  /** JSON path in the client's body, e.g. `messages[3].content[0]`; "" for the body itself. */
  path: string;
  /** Members that no canonical field stands for, as they came; a tree, since parts of an inner object may be left. */
  rest?: JsonObject;
  /** How it was spelled, where the dialect knows several spellings of the same. Private to the dialect. */
  form?: Readonly<Record<string, unknown>>;
  /** Where canonical members stood that the dialect calls, or nests, otherwise: below `path`. */
  members?: Readonly<Record<string, string>>;
  /** What this stood in, where that is no canonical value of its own and something of it is left. */
  holder?: Source;
}

/** The path of a canonical member of what `source` describes. */
export const memberPath = (source: Source | undefined, member: string): string => {
  const name = source?.members?.[member] ?? member;
  return source === undefined || source.path === "" ? name : `${source.path}.${name}`;
};
