import { describe, expect, test } from "vitest";
import { parseModelName } from "../../local/simulator/directives.ts";
import { example } from "../../local/simulator/example.ts";
import { pieces } from "../../local/simulator/planner.ts";
import { checkSeal, sealFor } from "../../local/simulator/seal.ts";
import { countTokens, cutToTokens } from "../../local/simulator/tokens.ts";

describe("the parts", () => {
  test.each([
    ["gpt-6.1-sol", "gpt-6.1-sol", {}],
    ["a/b:free+status-429+retry-after-7", "a/b:free", { status: 429, "retry-after": 7 }],
    ["m+retry-after-ms-500", "m", { "retry-after-ms": 500 }],
    ["m+crlf+cut=3+malformed", "m", { crlf: true, cut: 3, malformed: 0 }],
    ["m+malformed-2+text-a%2Bb-c", "m", { malformed: 2, text: "a+b-c" }],
  ])("model name %s", (raw, base, directives) => {
    expect(parseModelName(raw)).toEqual({ raw, base, directives });
  });

  test.each([
    ["", 0],
    ["abcd", 1],
    ["abcde", 2],
    ["😀", 1],
    ["😀😀a", 3],
  ])("%s counts %d tokens", (text, tokens) => {
    expect(countTokens(text)).toBe(tokens);
  });

  test("a cut keeps characters whole and costs what was allowed", () => {
    const text = "aé😀".repeat(9);
    for (let tokens = 0; tokens < countTokens(text); tokens += 1) {
      const cut = cutToTokens(text, tokens);
      expect(text.startsWith(cut)).toBe(true);
      expect(cut).not.toContain("�");
      expect(countTokens(cut)).toBe(tokens);
    }
    expect(cutToTokens(text, 999)).toBe(text);
  });

  test("pieces join to the text", () => {
    for (const text of ["", " ", "a", " a  b ", "one two three", "x\ny ", "long ".repeat(9000)])
      for (const chunks of [undefined, 1, 3, 1000]) expect([...pieces(text, chunks)].join("")).toBe(text);
    expect([...pieces("a b c d e", 2)]).toEqual(["a b", " c d e"]);
  });

  test("a seal is known by its issuer and its text", () => {
    const seal = sealFor("one", "text", "0011223344556677");
    expect(checkSeal("one", seal, "text")).toBe("valid");
    expect(checkSeal("one", seal, "")).toBe("valid");
    expect(checkSeal("one", seal, "other")).toBe("altered");
    expect(checkSeal("two", seal, "text")).toBe("foreign");
    expect(checkSeal("one", `z${seal.slice(1)}`, "text")).toBe("foreign");
    expect(checkSeal("one", "", "text")).toBe("foreign");
  });

  test.each<[string, unknown, unknown]>([
    ["enum", { enum: ["b", "a"] }, "b"],
    ["const", { const: 7 }, 7],
    ["bounds", { type: "integer", minimum: 2.5, maximum: 9 }, 3],
    ["exclusive bounds", { type: "number", exclusiveMaximum: 0 }, -0.5],
    ["multiple", { type: "integer", minimum: 5, multipleOf: 4 }, 8],
    ["length", { type: "string", minLength: 20, maxLength: 20 }, "example value......."],
    ["short", { type: "string", maxLength: 3 }, "exa"],
    ["nullable", { type: ["null", "boolean"] }, true],
    ["choice", { anyOf: [{ type: "null" }, { type: "string", format: "date" }] }, "2026-01-02"],
    [
      "all of",
      { allOf: [{ properties: { a: { type: "null" } } }, { properties: { b: { type: "boolean" } } }] },
      { a: null, b: true },
    ],
    ["array", { type: "array", items: { type: "boolean" }, minItems: 2 }, [true, true]],
    ["tuple", { type: "array", prefixItems: [{ const: 1 }, { const: "x" }] }, [1, "x"]],
    ["reference", { $defs: { d: { type: "object", properties: { x: { const: 1 } } } }, $ref: "#/$defs/d" }, { x: 1 }],
    ["OpenAPI", { type: "OBJECT", properties: { n: { type: "NUMBER" } } }, { n: 0.5 }],
  ])("example of %s", (_, schema, value) => {
    expect(example(schema)).toEqual(value);
  });

  test("a recursive schema comes to an end", () => {
    const node = {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
      required: ["name"],
    };
    const text = JSON.stringify(example(node));
    expect(text).toContain('"children":[{"name"');
    expect(text.length).toBeLessThan(1000);
  });
});
