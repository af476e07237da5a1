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
}

/** The path of a member of what `source` describes. */
export const memberPath = (source: Source | undefined, member: string): string =>
  source === undefined || source.path === "" ? member : `${source.path}.${member}`;
