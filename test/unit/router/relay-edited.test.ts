import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUsageChunk } from "../../../worker/dialects/openai-chat/stream.ts";
import { wholeEvents, withoutEvents } from "../../../worker/router/relay-edited.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

const USAGE = '{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}';

describe("which chunk is only there because the gateway asked", () => {
  test.each([
    ["the usage chunk", USAGE, true],
    ["spaced", '{ "choices" : [ ] , "usage" : { "prompt_tokens": 1 } }', true],
    ["usage beside choices", '{"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1}}', false],
    ["null usage without choices", '{"choices":[],"usage":null,"prompt_filter_results":[]}', false],
    ["text that quotes one", JSON.stringify({ choices: [{ delta: { content: USAGE } }] }), false],
    ["choices of its own", '{"choices":[{"delta":{"content":"\\"choices\\":[]"}}],"usage":{"a":1}}', false],
    ["the end", "[DONE]", false],
    ["not JSON", '{"choices":[],"usage":{', false],
  ])("%s", (_, data, expected) => {
    expect(isUsageChunk(data)).toBe(expected);
  });
});

describe("whole events", () => {
  test.each([
    ["data: a\n\n", 9],
    ["data: a\n\ndata: b", 9],
    ["data: a\r\n\r\nda", 11],
    ["data: a\r\n\r", 0],
    ["data: a\r\rx", 9],
    ["data: a\n", 0],
    ["", 0],
  ])("%j ends its last whole event at %d", (data, end) => {
    expect(wholeEvents(bytes(data))).toBe(end);
  });
});

describe("taking events out", () => {
  const event = fc.oneof(
    fc
      .string({ unit: "grapheme" })
      .map((content) => JSON.stringify({ choices: [{ delta: { content } }], usage: null })),
    fc.constant(USAGE),
    fc.constant("[DONE]"),
  );
  test("removes those, and no other byte, for any events and line ends", () => {
    fc.assert(
      fc.property(fc.array(event), fc.constantFrom("\n", "\r\n", "\r"), (events, newline) => {
        const framed = (list: string[]) => list.map((data) => `data: ${data}${newline}${newline}`).join("");
        const kept = withoutEvents(bytes(framed(events)), isUsageChunk);
        expect(text(kept)).toBe(framed(events.filter((data) => data !== USAGE)));
      }),
    );
  });

  test("keeps bytes that are not UTF-8", () => {
    const odd = new Uint8Array([...bytes("data: "), 0xff, 0xfe, ...bytes(`\n\ndata: ${USAGE}\n\n`)]);
    expect([...withoutEvents(odd, isUsageChunk)]).toEqual([...bytes("data: "), 0xff, 0xfe, 10, 10]);
  });
});
