/** Small readers for JSON of unknown shape: what is not there, or is of another type, reads as undefined or null. */

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const objectAt = (value: unknown, key: string): JsonObject | undefined => {
  const inner = isObject(value) ? value[key] : undefined;
  return isObject(inner) ? inner : undefined;
};

export const stringAt = (value: unknown, key: string): string | undefined => {
  const inner = isObject(value) ? value[key] : undefined;
  return typeof inner === "string" ? inner : undefined;
};

/**
 * A scalar as text; anything else is "". `String` is not for what others send: JSON can hold an object whose `toString` is
 * no function, at which it throws.
 */
export const textOf = (value: unknown): string => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
};

export const arrayAt = (value: unknown, key: string): unknown[] => {
  const inner = isObject(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner : [];
};

/** A token count: a non-negative safe integer, else undefined (providers have sent null, -1 and 1e18). */
export const countAt = (value: unknown, key: string): number | undefined => {
  const inner = isObject(value) ? value[key] : undefined;
  return typeof inner === "number" && Number.isSafeInteger(inner) && inner >= 0 ? inner : undefined;
};

/** Parses, or returns undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Parses JSON in UTF-8; undefined for what is not the one, or not the other. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Far below what a stack holds, and far above what anybody means. */
const REWRITABLE_LEVELS = 500;

/** Parses what will be written again, or returns undefined: also for what nests deeper than can be walked. */
export function parseRewritable(text: string): unknown {
  let level = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === "[" || character === "{") level++;
    else if (character === "]" || character === "}") level--;
    if (level > REWRITABLE_LEVELS) return undefined;
  }
  return parseJson(text);
}
