import type { Filter } from "../../state/scope.ts";

/** What the log may be narrowed to beside what every page may: each once. */
export const BOUNDS = [
  "min_duration_ms",
  "max_duration_ms",
  "min_cost_usd",
  "max_cost_usd",
  "streamed",
  "cached",
  "retried",
] as const;

export type Param = Filter | (typeof BOUNDS)[number];

/** One condition, as a parameter of the address and of the API. Of one parameter any value holds, and each parameter must. */
export interface Condition {
  param: Param;
  value: string;
}

/** What is wrong with a token: `unknown_field` names it, the others say what its field takes. */
export type Problem =
  | { kind: "unknown_field"; field: string }
  | { kind: "status" | "duration" | "cost" | "yes_no" | "tag" | "empty"; field: string };

/** What every page may be narrowed to, by the word for it in the filter bar. */
const WORDS: Record<Filter, string> = {
  model: "model",
  provider: "provider",
  key: "key",
  member: "member",
  route: "route",
  status: "status",
  outcome: "outcome",
  error_code: "error",
  session: "session",
  agent: "agent",
  client: "client",
  end_user: "user",
  dialect: "dialect",
  tag: "tag",
};
const FILTERS = Object.keys(WORDS) as Filter[];

/** Every word that may stand before a colon. */
export const FIELDS: readonly string[] = [...Object.values(WORDS), "latency", "cost", "streamed", "cached", "retried"];

/** The parameter that a word sets; the API's own names are taken too. */
const paramOf = (field: string): Filter | undefined =>
  FILTERS.find((param) => param === field || WORDS[param] === field);

/** Splits at white space, but not between quotes; the quotes go: `client:"Claude Code" x` is two words. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [match] of text.matchAll(/(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/g))
    found.push(match.replace(/"((?:[^"\\]|\\.)*)"?/g, (_, inside: string) => inside.replace(/\\(.)/g, "$1")));
  return found;
}

const quoted = (value: string): string =>
  /[\s"\\]/.test(value) ? `"${value.replace(/["\\]/g, (letter) => `\\${letter}`)}"` : value;

const UNIT_MS: Record<string, number> = { "": 1, ms: 1, s: 1000, m: 60_000, min: 60_000 };

const comparison = (value: string): [more: boolean, rest: string] | null => {
  const [, sign, rest] = /^(>=?|<=?|≥|≤)(.+)$/.exec(value) ?? [];
  return sign === undefined || rest === undefined ? null : [/[>≥]/.test(sign), rest];
};

function duration(value: string): Condition | null {
  const [more, rest] = comparison(value) ?? [];
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(rest ?? "") ?? [];
  const each = UNIT_MS[unit.toLowerCase()];
  if (more === undefined || digits === "" || each === undefined) return null;
  return { param: more ? "min_duration_ms" : "max_duration_ms", value: String(Math.round(Number(digits) * each)) };
}

function cost(value: string): Condition | null {
  const [more, rest] = comparison(value) ?? [];
  const [, usd] = /^\$?(\d{1,9}(?:\.\d{1,9})?)$/.exec(rest ?? "") ?? [];
  return more === undefined || usd === undefined ? null : { param: more ? "min_cost_usd" : "max_cost_usd", value: usd };
}

/** `5xx`, `>=400`: the API knows classes only. */
function status(value: string): Condition[] | null {
  const one = /^([2-5])xx$/i.exec(value);
  if (one) return [{ param: "status", value: `${one[1]}xx` }];
  const [more, rest] = comparison(value) ?? [];
  const [, from] = /^([2-5])00$/.exec(rest ?? "") ?? [];
  if (!more || from === undefined || !value.includes("=")) return null;
  return [2, 3, 4, 5].filter((kind) => kind >= Number(from)).map((kind) => ({ param: "status", value: `${kind}xx` }));
}

const TRUTH: Record<string, string> = { yes: "true", true: "true", no: "false", false: "false" };

/** What one token says; a word without a field is null. */
function readToken(token: string): Condition[] | Problem | null {
  const colon = token.indexOf(":");
  if (colon <= 0) return null;
  const field = token.slice(0, colon).toLowerCase();
  const value = token.slice(colon + 1).trim();
  const param = paramOf(field);
  const one = (condition: Condition | null, kind: "duration" | "cost"): Condition[] | Problem =>
    condition ? [condition] : { kind, field };
  if (param === undefined && !FIELDS.includes(field)) return { kind: "unknown_field", field };
  if (value === "") return { kind: "empty", field };
  if (field === "latency") return one(duration(value), "duration");
  if (field === "cost") return one(cost(value), "cost");
  if (param === undefined) {
    const truth = TRUTH[value.toLowerCase()];
    return truth === undefined ? { kind: "yes_no", field } : [{ param: field as Param, value: truth }];
  }
  if (param === "status") return status(value) ?? { kind: "status", field };
  if (param === "tag" && !/^[^:]+:./.test(value)) return { kind: "tag", field };
  return [{ param, value }];
}

export interface Reading {
  conditions: Condition[];
  /** What is no condition: the beginning of an id, or a part of a model's name. */
  words: string;
  problem: Problem | null;
}

/** Reads a line of the filter bar. Of several problems the first is told. */
export function readLine(text: string): Reading {
  const reading: Reading = { conditions: [], words: "", problem: null };
  for (const word of words(text)) {
    const read = readToken(word);
    if (read === null) reading.words += `${reading.words ? " " : ""}${word}`;
    else if (Array.isArray(read)) reading.conditions.push(...read);
    else reading.problem ??= read;
  }
  return reading;
}

const spokenDuration = (milliseconds: string): string => {
  const number = Number(milliseconds);
  return number >= 1000 ? `${number / 1000}s` : `${number}ms`;
};

/** A condition as it is typed: what `readLine` reads back as the same. */
export function writeToken({ param, value }: Condition): string {
  switch (param) {
    case "min_duration_ms":
      return `latency:>=${spokenDuration(value)}`;
    case "max_duration_ms":
      return `latency:<=${spokenDuration(value)}`;
    case "min_cost_usd":
      return `cost:>=${value}`;
    case "max_cost_usd":
      return `cost:<=${value}`;
    case "streamed":
    case "cached":
    case "retried":
      return `${param}:${value === "true" ? "yes" : "no"}`;
    default:
      return `${WORDS[param]}:${quoted(value)}`;
  }
}

export const sameCondition = (one: Condition, other: Condition): boolean =>
  one.param === other.param && one.value === other.value;

/** Conditions with others added: of what may be asked for once, the later holds. */
export function addConditions(all: readonly Condition[], added: readonly Condition[]): Condition[] {
  const once = new Set<string>(
    added.map(({ param }) => param).filter((param) => (BOUNDS as readonly string[]).includes(param)),
  );
  const kept = all.filter((one) => !once.has(one.param) && !added.some((other) => sameCondition(one, other)));
  return [...kept, ...added.filter((one, index) => added.findIndex((other) => sameCondition(one, other)) === index)];
}
