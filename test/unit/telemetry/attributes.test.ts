import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { describe, expect, test } from "vitest";
import { ATTRIBUTE_NAMES, attributesOf } from "../../../worker/telemetry/attributes.ts";

const known = new Set<unknown>(Object.values(conventions));

describe.each(Object.values(ATTRIBUTE_NAMES))("%s", (name) => {
  test("is ours, or one of the conventions", () => {
    expect(name.startsWith("gaia.") || known.has(name)).toBe(true);
  });
});

test("what is not in the table is not said", () => {
  const spread = { model: "m", prompt: "a secret", headers: { authorization: "x" }, constructor: "y" };
  expect(attributesOf(spread)).toEqual({ "gen_ai.request.model": "m" });
});

test.each([
  ["openai/gpt-6.1-sol", "openai/gpt-6.1-sol"],
  ["models/gemini:beta@2026", "models/gemini:beta@2026"],
  ["/v1beta/models/:call", "/v1beta/models/:call"],
  ["tell me a story", "_OTHER"],
  ["two\nlines", "_OTHER"],
  ['{"a":1}', "_OTHER"],
  ["", "_OTHER"],
  ["sk-abcdefghijklmnop", "[redacted]"],
  ["m".repeat(300), "m".repeat(200)],
])("the name %j is said as %j", (name, said) => {
  expect(attributesOf({ model: name })).toEqual({ "gen_ai.request.model": said });
  expect(attributesOf({ stopReasons: [name] })).toEqual({ "gen_ai.response.finish_reasons": [said] });
});

test("what is not known is not said", () => {
  expect(attributesOf({ model: null, inputTokens: 0, streamed: false })).toEqual({
    "gen_ai.request.stream": false,
    "gen_ai.usage.input_tokens": 0,
  });
});
