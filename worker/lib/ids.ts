import type { Random } from "./random.ts";

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Characters after the prefix. An organization's are short because every key carries its root's. */
const LENGTHS = {
  org: 8,
  key: 12,
  usr: 12,
  ses: 20,
  lim: 12,
  prc: 12,
  whk: 12,
  dlv: 20,
  rte: 12,
  mdl: 12,
  inv: 12,
  viw: 12,
  pky: 12,
} as const;

export type IdKind = keyof typeof LENGTHS;

/** `count` uniform characters of [0-9a-z]. */
function randomCharacters(count: number, random: Random): string {
  let text = "";
  while (text.length < count) {
    for (const byte of random(count)) {
      // Bytes of 252 and above would favour the alphabet's beginning (252 = 7 × 36).
      if (byte < 252 && text.length < count) text += ALPHABET.charAt(byte % 36);
    }
  }
  return text;
}

/** A new id, e.g. `org_4k2m9x0a`: prefix, underscore, characters of [0-9a-z]. */
export const newId = (kind: IdKind, random: Random): string => `${kind}_${randomCharacters(LENGTHS[kind], random)}`;

/** True when the text has the form of an id of that kind; says nothing about whether it exists. */
export function isId(kind: IdKind, text: string): boolean {
  return (
    text.length === kind.length + 1 + LENGTHS[kind] && text.startsWith(`${kind}_`) && /^[a-z]+_[0-9a-z]+$/.test(text)
  );
}

/** The form of an id of that kind as a regular expression's source, for descriptions. */
export const idPattern = (kind: IdKind): string => `^${kind}_[0-9a-z]{${LENGTHS[kind]}}$`;

/** An id of that kind which nobody has, for descriptions. */
export const exampleId = (kind: IdKind): string => `${kind}_${"4k2m9x0a7c1d5f3h8j6p".slice(0, LENGTHS[kind])}`;
