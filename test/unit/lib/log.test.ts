import { describe, expect, test } from "vitest";
import { type LogEntry, lineOf } from "../../../worker/lib/log.ts";

const line = (fields: object) => lineOf({ level: "info", event: "a.thing", ...fields } as LogEntry).fields;

describe("a line of the log", () => {
  test.each<[string, object, object]>([
    [
      "has the fields of the table",
      { keyId: "k", status: 404, message: "m" },
      { keyId: "k", message: "m", status: 404 },
    ],
    ["leaves out what is not known", { keyId: null, status: undefined }, {}],
    ["has no other field, and says so", { prompt: "hush", headers: {} }, { unknown_fields: 2 }],
    ["takes no object for a text", { message: { prompt: "hush" } }, {}],
    ["takes no text for a number", { status: "hush" }, {}],
    ["takes no number for a name", { keyId: 5 }, {}],
    ["masks texts", { message: "sk-abcdefghijkl failed" }, { message: "[redacted] failed" }],
    ["masks names", { keyId: "sk-abcdefghijkl" }, { keyId: "[redacted]" }],
    ["cuts texts", { message: "m".repeat(600) }, { message: "m".repeat(500) }],
    ["cuts names", { model: "m".repeat(600) }, { model: "m".repeat(200) }],
    [
      "hides what a statement was given",
      { message: "Failed query: select 1\nparams: hush,b" },
      { message: "Failed query: select 1\n" },
    ],
    ["inherits nothing", Object.create({ message: "hush" }), {}],
  ])("%s", (_, fields, written) => {
    expect(line(fields)).toEqual(written);
  });
});
