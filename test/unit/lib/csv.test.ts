import { expect, test } from "vitest";
import { csvRecord } from "../../../worker/lib/csv.ts";

test.each<[string, string | number | boolean | null, string]>([
  ["a plain text stays", "gpt-6", "gpt-6"],
  ["nothing is an empty field", null, ""],
  ["numbers and booleans are written as they are", -5, "-5"],
  ["a comma is quoted", "a,b", '"a,b"'],
  ["a quote is doubled", 'a "b"', '"a ""b"""'],
  ["line ends are quoted", "a\r\nb", '"a\r\nb"'],
  ["blanks at an end are quoted", " a", '" a"'],
  ["=: no formula", "=1+1", "'=1+1"],
  ["+: no formula", "+1", "'+1"],
  ["-: no formula", "-1", "'-1"],
  ["@: no formula", "@SUM(A1)", "'@SUM(A1)"],
  ["a tab hides no formula", "\t=1", "'\t=1"],
  ["a carriage return hides no formula", "\r=1", '"\'\r=1"'],
  ["a formula with a comma is both", '=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
])("%s", (_name, value, expected) => {
  expect(csvRecord([value, true])).toBe(`${expected},true\r\n`);
});
