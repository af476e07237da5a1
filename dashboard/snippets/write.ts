/** Letters in a line, as far as they can be chosen. */
const WIDTH = 72;

/** What stands in a value as code; with an argument, a call. */
export class Expression {
  readonly text: string;
  readonly argument: unknown;

  constructor(text: string, argument?: unknown) {
    this.text = text;
    this.argument = argument;
  }
}

/** How a language writes what JSON has. */
interface Style {
  text: (text: string) => string;
  name: (name: string) => string;
  /** After the last of several lines. */
  last: "," | "";
}

const JAVASCRIPT: Style = {
  text: JSON.stringify,
  name(name) {
    // As a plain member it would set the object's prototype.
    if (name === "__proto__") return `["__proto__"]`;
    return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  },
  last: ",",
};

/** A value as JavaScript writes it: in one line where it is short. Members that are undefined are left out. */
export const script = (value: unknown, indent = ""): string => written(value, indent, JAVASCRIPT);

/** The same as JSON; `text` changes each text once it is quoted. */
export function json(value: unknown, text = (quoted: string) => quoted): string {
  const quoted = (one: string) => text(JSON.stringify(one));
  return written(value, "", { text: quoted, name: quoted, last: "" });
}

function written(value: unknown, indent: string, style: Style): string {
  if (value instanceof Expression)
    return value.argument === undefined ? value.text : `${value.text}(${written(value.argument, indent, style)})`;
  if (typeof value === "string") return style.text(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((one) => written(one, inner, style))
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([name, one]) => `${style.name(name)}: ${written(one, inner, style)}`);
  const [open, close, space] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  if (members.length === 0) return open + close;
  const line = `${open}${space}${members.join(", ")}${space}${close}`;
  if (indent.length + line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${inner}${members.join(`,\n${inner}`)}${style.last}\n${indent}${close}`;
}

/** A text as one word of a shell, whatever is in it. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A key in JavaScript: itself, or where to find it. */
export const scriptKey = (key: string | null): Expression =>
  new Expression(key === null ? "process.env.GAIA_KEY" : JSON.stringify(key));

/** A key in a shell. */
export const shellKey = (key: string | null): string => key ?? "$GAIA_KEY";

/** What a client has no place for, said where its lines begin. */
export const leftOut = (mark: "//" | "#", what: readonly (string | false | undefined)[]): string => {
  const names = what.filter(Boolean);
  return names.length === 0 ? "" : `${mark} Not asked this way: ${names.join(", ")}.\n`;
};

/** The beginning of a script: what it imports, and how it reads the files beside it. */
export function imports(lines: readonly string[], readsFiles: boolean): string {
  const read = `\nconst read = (file) => readFileSync(file).toString("base64");\n`;
  return [
    ...(readsFiles ? [`import { readFileSync } from "node:fs";\n`] : []),
    ...lines.map((line) => `${line}\n`),
    ...(readsFiles ? [read] : []),
  ].join("");
}
