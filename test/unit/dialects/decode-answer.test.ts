import { describe, expect, test } from "vitest";
import { chatDialects } from "../../../worker/dialects/registry.ts";

/** What is no answer of the dialect is a failure: an empty answer made of it would hide that. */

const NOTHING: [what: string, body: unknown][] = [
  ["an object of something else", { hello: "world" }],
  ["a list", []],
  ["a text", "OK"],
  ["what could not be parsed", undefined],
];
const OTHERS: [what: string, body: unknown][] = [
  ["openai-chat", { object: "response", status: "completed", output: [] }],
  ["openai-responses", { object: "chat.completion", choices: [] }],
  ["anthropic-messages", { candidates: [] }],
  ["google-generate-content", { type: "message", content: [] }],
];

describe.each(Object.values(chatDialects))("$id: a 200 without an answer in it", (dialect) => {
  test.each([...NOTHING, ...OTHERS.filter(([id]) => id === dialect.id)])("%s", (_what, body) => {
    const { answer, failure } = dialect.decodeAnswer(body);
    expect(failure).toMatchObject({ kind: "malformed", code: "empty_response" });
    expect(answer.candidates.flatMap(({ parts }) => parts)).toEqual([]);
  });
});
