import { posix } from "node:path";

/** Source files by path from the project's root, with `/` separators. */
export type SourceTree = ReadonlyMap<string, string>;

/** One arrow: a file and what it imports. */
export interface Import {
  from: string;
  /** A path from the project's root for our own files, else the specifier as written. */
  to: string;
  own: boolean;
  /** The whole statement is erased by the compiler (`import type`, `export type`, `import("…")` in a type). */
  typeOnly: boolean;
  /** Imported names as they are called in the module; empty for a whole module. */
  names: string[];
}

const STATEMENT = /^[ \t]*(?:import|export)\b([^;"'`]*?)\bfrom\s*["']([^"']+)["']/gm;
const BARE = /^[ \t]*import\s*["']([^"']+)["']/gm;
const CALL = /\bimport\(\s*["'`]([^"'`]+)["'`]/g;
const COMPUTED_CALL = /\bimport\(\s*(?!["'`])\S/;
const TYPE_POSITION = /(?:\btypeof\s*|[:<|&=]\s*)$/;

/** Code without comments. Strings that look like comments are cut too, so it serves to look for calls, not to parse. */
export const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

const namesOf = (clause: string): string[] =>
  (/\{([\s\S]*)\}/.exec(clause)?.[1] ?? "")
    .split(",")
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, "")
          .split(/\s+as\s+/)[0] ?? "",
    )
    .filter((name) => name !== "");

/** Every import of a file: static, re-exported, for side effects, dynamic and in types. */
export const importsOf = (path: string, text: string): Import[] => {
  const arrow = (specifier: string, typeOnly: boolean, names: string[]): Import => {
    const own = specifier.startsWith(".");
    const to = own ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier;
    return { from: path, to, own, typeOnly, names };
  };
  const code = withoutComments(text);
  return [
    ...[...code.matchAll(STATEMENT)].map(([, clause = "", specifier = ""]) =>
      arrow(specifier, /^\s*type\b(?!\s*,|\s+from)/.test(clause), namesOf(clause)),
    ),
    ...[...code.matchAll(BARE)].map(([, specifier = ""]) => arrow(specifier, false, [])),
    ...[...code.matchAll(CALL)].map((match) =>
      arrow(match[1] ?? "", TYPE_POSITION.test(code.slice(0, match.index)), []),
    ),
  ];
};

/** True when a file imports what cannot be read off its source. */
export const importsComputedName = (text: string): boolean => COMPUTED_CALL.test(withoutComments(text));
