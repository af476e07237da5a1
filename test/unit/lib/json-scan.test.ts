import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, type JsonScan, scanJson } from "../../../worker/lib/json-scan.ts";

function scanned(text: string): JsonScan {
  const scan = scanJson(text);
  if ("code" in scan) throw new Error(scan.code);
  return scan;
}

const valueAt = (text: string, name: string) => {
  const span = scanned(text).members.get(name);
  return span && text.slice(span.start, span.end);
};

describe("where the top-level values stand", () => {
  test.each([
    ['{"model":"a","b":1}', "model", '"a"'],
    ['{ "model" :\n "a" , "b" : [1, 2] }', "model", '"a"'],
    ['{"b":[{"model":"inner"}],"model":"outer"}', "model", '"outer"'],
    ['{"x":"a \\" } ] , model","model":"m"}', "model", '"m"'],
    ['{"x":"ends in a backslash \\\\","model":"m"}', "model", '"m"'],
    ['{"mod\\u0065l":"m"}', "model", '"m"'],
    ['{"stream_options":{ "include_usage" : false } , "n":1}', "stream_options", '{ "include_usage" : false }'],
    ['{"n": -1.5e3 }', "n", "-1.5e3"],
  ])("%s has %s", (text, name, value) => {
    expect(valueAt(text, name)).toBe(value);
  });

  test("every member of any object is found, and is what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.nat(3), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const { members } = scanned(text);
        expect([...members.keys()].sort()).toEqual(Object.keys(object).sort());
        for (const [name, span] of members) {
          expect(JSON.parse(text.slice(span.start, span.end))).toEqual(JSON.parse(JSON.stringify(object[name])));
        }
      }),
    );
  });

  test("names the copies of the model below the top level", () => {
    const text = '{"requests":[{"model":"models/a","content":{}},{"model":"models/b"}],"model":"top"}';
    expect(scanned(text).nestedModels.map(({ path, span }) => [path, text.slice(span.start, span.end)])).toEqual([
      ["requests[0].model", '"models/a"'],
      ["requests[1].model", '"models/b"'],
    ]);
  });
});

describe("what is refused", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  test.each([
    ["64 levels are fine", nested(64), null],
    ["65 are not", nested(65), "json_too_deep"],
    ["a million are not, without a crash", nested(1_000_000), "json_too_deep"],
    ["a name twice", '{"a":1,"a":2}', "duplicate_key"],
    ["a name twice, once escaped", '{"a":1,"\\u0061":2}', "duplicate_key"],
    ["a name twice further down", '{"m":[{"x":{"k":1,"k":1}}]}', "duplicate_key"],
    ["the same name in two objects", '{"m":[{"k":1},{"k":1}]}', null],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}', "duplicate_key"],
    ["10,000 names", JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]))), null],
    [
      "10,001 names",
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`k${i}`, 1]))),
      "json_too_many_keys",
    ],
  ])("%s", (_, text, code) => {
    const scan = scanJson(text);
    expect("code" in scan ? scan.code : null).toBe(code);
  });

  test("the path of a duplicate is told", () => {
    expect(scanJson('{"messages":[{"role":"user"},{"content":{"a":1,"a":2}}]}')).toEqual({
      code: "duplicate_key",
      path: "messages[1].content.a",
    });
  });

  test("any text at all is scanned without an exception", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[{}[\]",:\\a ]*$/)), (text) => {
        scanJson(text);
      }),
    );
  });
});

describe("edits", () => {
  test("replace and insert, whatever their order, and leave the rest", () => {
    const edits = [
      { start: 5, end: 5, replacement: "+" },
      { start: 0, end: 1, replacement: "X" },
    ];
    expect(applyEdits("abcdefg", edits)).toBe("Xbcde+fg");
  });
});
