import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addConditions,
  type Condition,
  type Param,
  readLine,
  words,
  writeToken,
} from "../../../dashboard/pages/logs/tokens.ts";

describe("a line of the filter bar", () => {
  test.each<[line: string, conditions: [Param, string][], words?: string]>([
    ["model:openai/gpt-6.1-sol", [["model", "openai/gpt-6.1-sol"]]],
    ["status:5xx", [["status", "5xx"]]],
    [
      "status:>=400",
      [
        ["status", "4xx"],
        ["status", "5xx"],
      ],
    ],
    ["latency:>5s", [["min_duration_ms", "5000"]]],
    ["latency:<=200ms", [["max_duration_ms", "200"]]],
    ["latency:>1.5min", [["min_duration_ms", "90000"]]],
    ["cost:>$0.01", [["min_cost_usd", "0.01"]]],
    [
      "error:rate_limited user:anna",
      [
        ["error_code", "rate_limited"],
        ["end_user", "anna"],
      ],
    ],
    [
      "cached:no streamed:yes",
      [
        ["cached", "false"],
        ["streamed", "true"],
      ],
    ],
    ['client:"Claude Code" gpt 01M8', [["client", "Claude Code"]], "gpt 01M8"],
    ["tag:team:blue", [["tag", "team:blue"]]],
    ["MODEL:openai/o3", [["model", "openai/o3"]]],
    ["", []],
  ])("%s", (line, conditions, rest = "") => {
    const expected = conditions.map(([param, value]) => ({ param, value }));
    expect(readLine(line)).toEqual({ conditions: expected, words: rest, problem: null });
  });

  test.each([
    ["colour:red", { kind: "unknown_field", field: "colour" }],
    ["status:429", { kind: "status", field: "status" }],
    ["status:>400", { kind: "status", field: "status" }],
    ["latency:5s", { kind: "duration", field: "latency" }],
    ["latency:>5lightyears", { kind: "duration", field: "latency" }],
    ["cost:>much", { kind: "cost", field: "cost" }],
    ["retried:perhaps", { kind: "yes_no", field: "retried" }],
    ["tag:blue", { kind: "tag", field: "tag" }],
    ["model:", { kind: "empty", field: "model" }],
    ["constructor:x", { kind: "unknown_field", field: "constructor" }],
  ])("%s is told", (line, problem) => {
    expect(readLine(line).problem).toEqual(problem);
  });

  test("whatever a value holds is read back as it was written", () => {
    const value = fc
      .string({ minLength: 1, maxLength: 40 })
      .map((text) => text.trim())
      .filter((text) => text.length > 0);
    fc.assert(
      fc.property(
        fc.constantFrom<Param>("model", "client", "session", "end_user", "error_code", "key"),
        value,
        (param, text) => {
          const condition: Condition = { param, value: text };
          expect(readLine(writeToken(condition))).toEqual({ conditions: [condition], words: "", problem: null });
        },
      ),
    );
    const bound = fc.integer({ min: 0, max: 999_999_999 }).map(String);
    fc.assert(
      fc.property(fc.constantFrom<Param>("min_duration_ms", "max_duration_ms"), bound, (param, text) => {
        expect(readLine(writeToken({ param, value: text })).conditions).toEqual([{ param, value: text }]);
      }),
    );
  });

  test("quotes hold words together, closed or not", () => {
    expect(words('a "b c" d:"e f')).toEqual(["a", "b c", "d:e f"]);
  });

  test("a bound has one value, other fields several, none twice", () => {
    const all: Condition[] = [
      { param: "min_duration_ms", value: "5" },
      { param: "model", value: "a/b" },
    ];
    const added: Condition[] = [
      { param: "min_duration_ms", value: "9" },
      { param: "model", value: "a/b" },
      { param: "model", value: "a/c" },
    ];
    expect(addConditions(all, added)).toEqual(added);
  });
});
