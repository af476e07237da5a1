import type { z } from "zod";

type Raw = z.core.$ZodRawIssue;

/** What is wanted of a type, as `Must be …` goes on. */
const TYPES: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** What is counted of a value with a bound. */
const COUNTED: Record<string, [one: string, several: string]> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
  set: ["entry", "entries"],
};

function bounded(origin: string, bound: "least" | "most", limit: number | bigint, inclusive: boolean): string {
  const words = COUNTED[origin];
  if (words === undefined) {
    if (inclusive) return `Must be at ${bound} ${limit}`;
    return bound === "least" ? `Must be more than ${limit}` : `Must be less than ${limit}`;
  }
  if (bound === "least" && Number(limit) === 1) return "Must not be empty";
  return `Must have at ${bound} ${limit} ${words[Number(limit) === 1 ? 0 : 1]}`;
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? `Must be ${String(values[0])}` : `Must be one of ${values.map(String).join(", ")}`;

/** Each of the forms that a value may have, by what is first wrong with it as one. */
function anyForm(branches: readonly (readonly { message: string }[])[]): string {
  const forms = branches.map(([first]) => first?.message ?? "").filter((text) => text.startsWith("Must be "));
  if (forms.length < branches.length || forms.length === 0) return "Has none of the forms that are taken here";
  return `Must be ${[...new Set(forms.map((text) => text.slice("Must be ".length)))].join(", or ")}`;
}

/**
 * What is wrong with a value where its schema has no words of its own, as a sentence without its full stop: what is wanted,
 * and never the value, which may be a secret.
 */
export function issueWords(issue: Raw): string {
  switch (issue.code) {
    case "invalid_type":
      return `Must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "too_small":
      return bounded(issue.origin, "least", issue.minimum, issue.inclusive ?? true);
    case "too_big":
      return bounded(issue.origin, "most", issue.maximum, issue.inclusive ?? true);
    case "invalid_value":
      return oneOf(issue.values);
    case "not_multiple_of":
      return `Must be a multiple of ${issue.divisor}`;
    case "invalid_union":
      return anyForm(issue.errors);
    case "invalid_format":
      return `Must have the form of ${issue.format === "regex" ? `the pattern ${issue.pattern}` : issue.format}`;
    default:
      return "Is not taken here";
  }
}
