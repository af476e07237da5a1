/**
 * One pass over a JSON text before it is parsed: refuses what would hurt later (depth, too many keys, duplicate keys) and
 * notes where the few values stand that a relay may have to replace, so that every other byte stays as the client sent it.
 *
 * It does not validate syntax; `JSON.parse` does that afterwards.
 */

/** Half-open range of UTF-16 indices into the text. */
export interface Span {
  start: number;
  end: number;
}

export interface JsonScan {
  /** Where each member's value of the top-level object stands, by (unescaped) name. */
  members: Map<string, Span>;
  /** Values of members named `model` below the top level, up to depth four, with their path (`requests[0].model`). */
  nestedModels: { path: string; span: Span }[];
  /** Index of the brace that closes the top-level object, -1 when there is none. */
  closingBrace: number;
}

export type JsonScanProblem =
  | { code: "json_too_deep"; limit: number }
  | { code: "json_too_many_keys"; limit: number }
  | { code: "duplicate_key"; path: string };

export interface JsonScanLimits {
  depth: number;
  keysPerObject: number;
}

/** Depth 64 keeps every later copy of the body safe; 10,000 keys bound the duplicate check. */
const JSON_LIMITS: JsonScanLimits = { depth: 64, keysPerObject: 10_000 };

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** `model` matters in `requests[0].model` and `generateContentRequest.model`, no deeper. */
const NESTED_MODEL_DEPTH = 4;

interface Level {
  /** Names seen so far; null for an array. */
  names: Set<string> | null;
  name: string;
  index: number;
  expectsName: boolean;
  valueStart: number;
}

/** Index just past the closing quote of the string that opens at `start`; the text's length when it never closes. */
function endOfString(text: string, start: number): number {
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function unescapedName(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

function pathOf(levels: Level[]): string {
  let path = "";
  for (const level of levels) {
    if (level.names === null) path += `[${level.index}]`;
    else path += path === "" ? level.name : `.${level.name}`;
  }
  return path;
}

/** Trims JSON white space from the end of a value's range. */
function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && text.charCodeAt(last - 1) <= 32) last--;
  return last;
}

/** Scans `text`; returns the first problem met, or where the editable values stand. */
export function scanJson(text: string, limits: JsonScanLimits = JSON_LIMITS): JsonScan | JsonScanProblem {
  const scan: JsonScan = {
    members: new Map(),
    nestedModels: [],
    closingBrace: -1,
  };
  const levels: Level[] = [];
  let level: Level | null = null;

  const endValue = (end: number) => {
    if (level === null || level.names === null || level.valueStart < 0) return;
    const span = {
      start: level.valueStart,
      end: trimmedEnd(text, level.valueStart, end),
    };
    if (levels.length === 1) scan.members.set(level.name, span);
    else if (level.name === "model" && levels.length <= NESTED_MODEL_DEPTH) {
      scan.nestedModels.push({ path: pathOf(levels), span });
    }
    level.valueStart = -1;
  };

  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 32) continue;
    if (level !== null && level.names !== null && level.valueStart === 0) level.valueStart = i;
    switch (code) {
      case QUOTE: {
        const end = endOfString(text, i);
        if (level !== null && level.names !== null && level.expectsName) {
          level.name = unescapedName(text, i, end);
          level.expectsName = false;
          if (level.names.has(level.name)) return { code: "duplicate_key", path: pathOf(levels) };
          if (level.names.size >= limits.keysPerObject) {
            return { code: "json_too_many_keys", limit: limits.keysPerObject };
          }
          level.names.add(level.name);
        }
        i = end - 1;
        break;
      }
      case COLON:
        if (level !== null) level.valueStart = 0;
        break;
      case COMMA:
        endValue(i);
        if (level !== null) {
          level.index++;
          level.expectsName = true;
        }
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (levels.length >= limits.depth) return { code: "json_too_deep", limit: limits.depth };
        level = {
          names: code === OPEN_BRACE ? new Set() : null,
          name: "",
          index: 0,
          expectsName: true,
          valueStart: -1,
        };
        levels.push(level);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        endValue(i);
        if (levels.length === 1 && code === CLOSE_BRACE) scan.closingBrace = i;
        levels.pop();
        level = levels[levels.length - 1] ?? null;
        break;
      default:
        break;
    }
  }
  return scan;
}

/** One replacement of a range of the text; `start === end` inserts. */
export interface Edit extends Span {
  replacement: string;
}

/** Applies edits that do not overlap; everything outside them stays as it is. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of [...edits].sort((left, right) => left.start - right.start)) {
    result += text.slice(at, edit.start) + edit.replacement;
    at = edit.end;
  }
  return result + text.slice(at);
}
