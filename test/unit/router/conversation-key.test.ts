import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { conversationKey } from "../../../worker/router/conversation-key.ts";

/** A conversation without its spelling. */
interface Talk {
  system: string | null;
  /** The user's and the model's, in turn. */
  turns: string[];
}

/** How a client may spell it from one turn to the next. */
interface Spelling {
  blocks: boolean;
  mark: boolean;
  snake: boolean;
}

const block = (type: string, text: string, { mark }: Spelling) => ({
  type,
  text,
  ...(mark ? { cache_control: { type: "ephemeral" } } : {}),
});
const said = (type: string, text: string, spelling: Spelling) =>
  spelling.blocks ? [block(type, text, spelling)] : text;
const role = (index: number, models: string) => (index % 2 === 0 ? "user" : models);

const WRITERS: Record<ChatDialectId, (talk: Talk, spelling: Spelling) => JsonObject> = {
  "openai-chat": ({ system, turns }, spelling) => ({
    messages: [
      ...(system === null ? [] : [{ role: "developer", content: said("text", system, spelling) }]),
      ...turns.map((text, n) => ({ role: role(n, "assistant"), content: said("text", text, spelling) })),
    ],
  }),
  "openai-responses": ({ system, turns }, spelling) => ({
    ...(system === null ? {} : { instructions: system }),
    input:
      turns.length === 1 && !spelling.blocks
        ? turns[0]
        : turns.map((text, n) => ({ role: role(n, "assistant"), content: said("input_text", text, spelling) })),
  }),
  "anthropic-messages": ({ system, turns }, spelling) => ({
    ...(system === null ? {} : { system: said("text", system, spelling) }),
    messages: turns.map((text, n) => ({ role: role(n, "assistant"), content: said("text", text, spelling) })),
  }),
  "google-generate-content": ({ system, turns }, { blocks, snake }) => ({
    ...(system === null ? {} : { [snake ? "system_instruction" : "systemInstruction"]: { parts: [{ text: system }] } }),
    contents:
      turns.length === 1 && !blocks
        ? { parts: [{ text: turns[0] }] }
        : turns.map((text, n) => ({ role: role(n, "model"), parts: [{ text }] })),
  }),
};
const DIALECTS = Object.keys(WRITERS) as ChatDialectId[];

const text = fc.oneof(fc.string(), fc.string({ minLength: 1_000, maxLength: 5_000, size: "max" }));
const talk = fc.record({ system: fc.option(text), turns: fc.array(text, { minLength: 1, maxLength: 9 }) });
// Which spelling of Gemini's a client takes does not change within a conversation.
const spelling = fc.record({ blocks: fc.boolean(), mark: fc.boolean(), snake: fc.constant(false) });

describe.each(DIALECTS)("a conversation in %s", (dialect) => {
  const key = (talk: Talk, spelling: Spelling) => conversationKey(WRITERS[dialect](talk, spelling), dialect, null);

  test("is known by the same key from its first turn to its last, however it is spelled", () => {
    const property = fc.property(talk, spelling, spelling, fc.nat(), (told, first, then, until) => {
      const begun = { ...told, turns: told.turns.slice(0, 1 + (until % told.turns.length)) };
      expect(key(begun, first)).toMatch(/^.{44}$/);
      expect(key(told, then)).toBe(key(begun, first));
    });
    fc.assert(property);
  });

  test("with another first message, or other instructions, is another one", () => {
    const property = fc.property(talk, spelling, fc.string({ minLength: 1 }), (told, how, more) => {
      const [first = "", ...rest] = told.turns;
      const keys = new Set([
        key(told, how),
        key({ ...told, turns: [first + more, ...rest] }, how),
        key({ ...told, turns: [more + first, ...rest] }, how),
        key({ ...told, system: (told.system ?? "") + more }, how),
      ]);
      expect(keys.size).toBe(more + first === first + more ? 3 : 4);
    });
    fc.assert(property);
  });
});

test.each<[string, ChatDialectId, JsonObject, JsonObject]>([
  [
    "pictures",
    "anthropic-messages",
    { messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", data: "A".repeat(9_000) } }] }] },
    { messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", data: "B".repeat(9_000) } }] }] },
  ],
  [
    "what stands before the user's first message",
    "openai-chat",
    {
      messages: [
        { role: "system", content: "a" },
        { role: "user", content: "c" },
      ],
    },
    {
      messages: [
        { role: "system", content: "b" },
        { role: "user", content: "c" },
      ],
    },
  ],
])("conversations are told apart by %s", (_, dialect, one, other) => {
  expect(conversationKey(one, dialect, null)).not.toBe(conversationKey(other, dialect, null));
});

test.each<[string, ChatDialectId, JsonObject, JsonObject]>([
  [
    "where a cache mark stands on a picture",
    "anthropic-messages",
    { messages: [{ role: "user", content: [{ type: "image", source: {} }] }] },
    { messages: [{ role: "user", content: [{ type: "image", source: {}, cache_control: { type: "ephemeral" } }] }] },
  ],
  [
    "what an agent notes for billing",
    "anthropic-messages",
    { system: [{ type: "text", text: "x-anthropic-billing-header: a" }], messages: [{ role: "user", content: "c" }] },
    { system: [{ type: "text", text: "x-anthropic-billing-header: b" }], messages: [{ role: "user", content: "c" }] },
  ],
  [
    "tools, caps and settings",
    "openai-responses",
    { input: "c", tools: [], max_output_tokens: 5 },
    { input: "c", tools: [{ type: "function", name: "f" }], reasoning: { effort: "low" } },
  ],
])("it does not depend on %s", (_, dialect, one, other) => {
  expect(conversationKey(one, dialect, null)).toBe(conversationKey(other, dialect, null));
});

test.each<[string, string | null, JsonObject, string | null]>([
  ["its session", "s-1", { input: "a", conversation: "conv_1" }, "s-1"],
  ["Responses' conversation", null, { input: "a", conversation: "conv_1" }, "conv_1"],
  ["the same as an object", null, { input: "a", conversation: { id: "conv_1" } }, "conv_1"],
  ["nothing, where it goes on from a kept answer", null, { input: "a", previous_response_id: "resp_1" }, null],
  ["its session, where it goes on from a kept answer", "s-1", { input: "a", previous_response_id: "resp_1" }, "s-1"],
  ["nothing, where no user has spoken", null, { input: [{ type: "function_call_output", output: "a" }] }, null],
  ["nothing, where there is no input", null, { prompt: { id: "pmpt_1" } }, null],
  ["nothing, where the input is nonsense", null, { input: [null, 7, [], "a"] }, null],
])("it is known by %s", (_, session, body, expected) => {
  expect(conversationKey(body, "openai-responses", session)).toBe(expected);
});

test("embeddings are no conversation", () => {
  expect(conversationKey({ input: "a" }, "openai-embeddings", null)).toBeNull();
});
