import type { Param } from "./tokens.ts";
import { FIELDS, writeToken } from "./tokens.ts";

/** Values that occur, the most frequent first, by the parameter that chooses them. */
export type Known = Partial<Record<Param, readonly { value: string; name: string | null; count: number }[]>>;

export interface Suggestion {
  /** What is written when it is taken; a field alone ends with its colon. */
  text: string;
  /** What an id is called. */
  name: string | null;
  /** An example, or how often a value occurs. */
  count: string;
}

const SHOWN = 12;
/** Of what has no values to count. */
const EXAMPLES: Record<string, readonly string[]> = {
  status: ["status:2xx", "status:4xx", "status:5xx", "status:>=400"],
  latency: ["latency:>1s", "latency:>5s", "latency:>30s"],
  cost: ["cost:>0.01", "cost:>0.1", "cost:>1"],
  streamed: ["streamed:yes", "streamed:no"],
  cached: ["cached:yes", "cached:no"],
  retried: ["retried:yes", "retried:no"],
};

const has = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());

/** What a line could become: a field's values once it is named, else fields, and values that hold what is written. */
export function suggest(line: string, known: Known): Suggestion[] {
  const written = line.trimStart();
  const colon = written.indexOf(":");
  const values = Object.entries(known).flatMap(([param, all]) =>
    all.map(({ value, name, count }) => ({
      text: writeToken({ param: param as Param, value }),
      name,
      count: String(count),
    })),
  );
  if (colon > 0) {
    const [field, part] = [written.slice(0, colon).toLowerCase(), written.slice(colon + 1).replace(/^"/, "")];
    const counted = values.filter(({ text }) => text.startsWith(`${field}:`));
    const rest = (EXAMPLES[field] ?? [])
      .filter((text) => !counted.some((one) => one.text === text))
      .map((text) => ({ text, name: null, count: "" }));
    return [...counted, ...rest]
      .filter(({ text, name }) => has(text.slice(field.length + 1), part) || has(name ?? "", part))
      .slice(0, SHOWN);
  }
  const fields = FIELDS.filter((field) => field.startsWith(written.toLowerCase())).map((field) => ({
    text: `${field}:`,
    name: null,
    count: "",
  }));
  if (written.length < 2) return fields;
  const found = values.filter(
    ({ text, name }) => has(text.slice(text.indexOf(":") + 1), written) || has(name ?? "", written),
  );
  return [...fields, ...found].slice(0, SHOWN);
}
