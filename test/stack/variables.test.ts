import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unstable_getVarsForDev } from "wrangler";
import { quoteVariable } from "../../local/stack/programs.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";

test.each([
  "sk-proj-abc_DEF-123",
  "with space # and hash",
  "a=b&c=d",
  "$HOME $1 a$",
  `$${"{HOME}"}`,
  "it's",
  'say "hi"',
  "tick ` tick",
  "it's `both`",
  "back\\slash\\n",
  "",
])("wrangler reads %j as it was written", (value) => {
  const file = join(temporaryDataDir(), "worker.env");
  writeFileSync(file, `BEFORE='x'\nVALUE=${quoteVariable(value)}\nAFTER='y'\n`);
  const read = unstable_getVarsForDev(undefined, [file], {}, undefined, true, undefined);
  expect(read.VALUE?.value).toBe(value);
  expect(read.AFTER?.value).toBe("y");
});

test.each(["two\nlines", "'\"`", "it's `both` \\n"])("%j is refused, for wrangler could not read it", (value) => {
  expect(() => quoteVariable(value)).toThrow();
});
