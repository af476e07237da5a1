import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DOCUMENT = join(import.meta.dirname, "../docs/benchmarks.md");

/** The place in the document that a command fills: from its name to the next end. */
const marks = (command: string): RegExp => new RegExp(`(<!-- ${command} -->)[\\s\\S]*?(<!-- end -->)`);

/** Throws when docs/benchmarks.md has no place for what a command writes: better before the run than after it. */
export function checkMarks(command: string): void {
  if (!marks(command).test(readFileSync(DOCUMENT, "utf8"))) {
    throw new Error(`${DOCUMENT} has no marks of '${command}' to write between`);
  }
}

/** Puts a run's tables into docs/benchmarks.md. */
export function writeTables(command: string, tables: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const filled = (_: string, before: string, after: string) => `${before}\n\n${tables}\n\n${after}`;
  writeFileSync(DOCUMENT, text.replace(marks(command), filled));
}
