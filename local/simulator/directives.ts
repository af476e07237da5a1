import { Failure } from "./failure.ts";
import { decodePercent } from "./http.ts";

/**
 * Misbehaviour on request, by model name: `base+directive+directive`, where a directive is `name` or `name-value`.
 * What each does is told in docs/simulator.md.
 */

/** What a directive takes after its name. */
type Kind = "flag" | "number" | "text" | "optional";

/** Every directive and what it takes. */
export const DIRECTIVES = {
  // The HTTP answer
  status: "number",
  "retry-after": "number",
  "retry-after-ms": "number",
  quota: "flag",
  "context-length": "flag",
  redirect: "number",
  location: "text",
  empty: "flag",
  html: "flag",
  hang: "flag",
  hangup: "flag",
  "only-chat": "flag",
  "only-responses": "flag",
  "headers-after": "number",
  "first-byte-after": "number",
  // When the others hold
  first: "number",
  every: "number",
  account: "text",
  // The stream
  silence: "number",
  cut: "number",
  reset: "number",
  eof: "number",
  error: "number",
  malformed: "optional",
  "bad-utf8": "optional",
  crlf: "flag",
  lf: "flag",
  bytewise: "flag",
  split: "number",
  batch: "number",
  pace: "number",
  comments: "flag",
  // The answer
  text: "text",
  chunks: "number",
  bytes: "number",
  images: "number",
  thinking: "flag",
  "no-thinking": "flag",
  redacted: "flag",
  tools: "number",
  "no-tools": "flag",
  preamble: "flag",
  refusal: "flag",
  filter: "flag",
  blocked: "flag",
  // The bill
  "no-usage": "flag",
  "negative-usage": "flag",
  "huge-usage": "flag",
  nobooks: "flag",
} as const satisfies Record<string, Kind>;

type Name = keyof typeof DIRECTIVES;
type ValueOf<K> = K extends "flag" ? true : K extends "text" ? string : number;
/** The directives of one model name. */
export type Directives = { readonly [N in Name]?: ValueOf<(typeof DIRECTIVES)[N]> };

/** A model name taken apart. */
export interface ModelName {
  /** The name as it was sent. */
  raw: string;
  /** The part before the first `+`: what the answer calls itself. */
  base: string;
  directives: Directives;
}

const NONE: Directives = {};
const names = Object.keys(DIRECTIVES) as Name[];

/** Takes one `name`, `name-value` or `name=value` apart. */
function parseDirective(word: string): [Name, true | number | string] {
  const exact = names.find((name) => name === word);
  if (exact !== undefined && (DIRECTIVES[exact] === "flag" || DIRECTIVES[exact] === "optional"))
    return [exact, DIRECTIVES[exact] === "flag" ? true : 0];
  const name = names
    .filter((candidate) => word.startsWith(`${candidate}-`) || word.startsWith(`${candidate}=`))
    .sort((one, other) => other.length - one.length)[0];
  if (name === undefined || DIRECTIVES[name] === "flag")
    throw new Failure(400, { message: `simulator: unknown directive '${word}'` });
  const value = word.slice(name.length + 1);
  if (DIRECTIVES[name] === "text") return [name, decodePercent(value)];
  if (!/^\d{1,9}$/.test(value))
    throw new Failure(400, { message: `simulator: directive '${name}' wants a number, not '${value}'` });
  return [name, Number(value)];
}

/** Throws a 400 `Failure` that names a directive it does not know: a misspelt fault must not pass for health. */
export function parseModelName(raw: string): ModelName {
  const [base = "", ...words] = raw.split("+");
  if (words.length === 0) return { raw, base: decodePercent(base), directives: NONE };
  return { raw, base: decodePercent(base), directives: Object.fromEntries(words.map(parseDirective)) as Directives };
}
