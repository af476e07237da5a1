import { expect, test } from "vitest";
import { projectFiles, readText } from "./project-files.ts";

const page = readText("docs/parity.md") ?? "";
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| \|? ?(?:the original|here) \|/.test(line));

/** The original's own numbers. */
const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
const NUMBERS = [
  ...numbered("E", 23),
  ...numbered("2.", 5),
  ...numbered("P", 17),
  ...numbered("M", 15),
  ...numbered("T", 12),
];

test("every row of the original is told of once", () => {
  const told = rows.map((row) => row.split("|")[1]?.trim() ?? "").filter((name) => /^(?:[EPMT]\d+|2\.\d)$/.test(name));
  expect(told).toEqual(NUMBERS);
});

test("every file that is named is there", () => {
  const files = new Set(projectFiles());
  const named = [...page.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\.(?:ts|tsx|json|md))`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(150);
  expect([...new Set(named)].filter((path) => !files.has(path) || readText(path) === null)).toEqual([]);
});

test("every row says how it stands, and what is here is shown by a test or a page", () => {
  const silent = rows.filter((row) => {
    const cells = row.split("|").map((cell) => cell.trim());
    const [shown = "", stands = ""] = cells.slice(-3);
    const states = /^(here|better|not|next)/.test(stands);
    const proven = !/^(here|better)/.test(stands) || /`(?:test|docs)\/[^`]+`/.test(shown);
    return !states || !proven;
  });
  expect(silent).toEqual([]);
});
