import fc from "fast-check";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { sealState } from "../../../worker/canonical/envelope.ts";
import type { ReasoningState } from "../../../worker/canonical/reasoning-state.ts";
import { toBase64, utf8 } from "../../../worker/lib/encoding.ts";
import { conversation } from "./conversations.ts";
import { anthropicMessages } from "./fields/anthropic-messages.ts";
import { googleGenerateContent } from "./fields/google-generate-content.ts";
import { openaiChat } from "./fields/openai-chat.ts";
import { openaiResponses } from "./fields/openai-responses.ts";
import { oddities, oddJson } from "./mutilate.ts";
import { written } from "./pairs.ts";
import { mutationsOf, type Shape } from "./shape.ts";

/** Requests that were good before something happened to them. */

const SHAPES: Record<ChatDialectId, Shape> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropicMessages,
  "google-generate-content": googleGenerateContent,
};

/** Envelopes that nobody of ours has sealed: anyone can, with anything inside. */
const forged: fc.Arbitrary<string> = fc
  .record({
    owner: fc.constantFrom("anthropic", "openai", "google", "openrouter", "none"),
    where: fc.constantFrom("thinking", "redacted", "tool_call", "text"),
    value: fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom(...oddities.slice(0, -1))),
    model: fc.string({ maxLength: 4 }),
    id: fc.string({ maxLength: 4 }),
  })
  .chain((state) => {
    const sealed = sealState(state as ReasoningState);
    return fc.constantFrom(
      ...[sealed, `${sealed}x`, sealed.slice(0, -1), "gaia1.", "gaia1....", "gaia1.zz.%.%.%.0"].flatMap((text) => [
        JSON.stringify(text),
        JSON.stringify(toBase64(utf8(text))),
      ]),
    );
  });

/** Deeper than a request may nest, in a text that is read as JSON. */
const DEEP = `${'[{"a":'.repeat(20_000)}1${"}]".repeat(20_000)}`;

const anything = fc.oneof(
  fc.constantFrom(...oddities.slice(0, -1), `${"[".repeat(50)}${"]".repeat(50)}`, JSON.stringify(DEEP)),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  forged,
);

/** A thought in each dialect's words, with room for a state. */
const THOUGHTS: Record<ChatDialectId, (state: string) => string> = {
  "openai-chat": (state) =>
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_details":[{"type":"reasoning.text","text":"c","signature":${state}}],"tool_calls":[{"id":"d","type":"function","function":{"name":"e","arguments":"{}"},"extra_content":{"google":{"thought_signature":${state}}}}]},{"role":"tool","tool_call_id":"d","content":"f"}]}`,
  "openai-responses": (state) =>
    `{"input":[{"role":"user","content":"a"},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"c"}],"encrypted_content":${state}},{"role":"assistant","content":"b"},{"role":"user","content":"g"}]}`,
  "anthropic-messages": (state) =>
    `{"max_tokens":2000,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"c","signature":${state}},{"type":"redacted_thinking","data":${state}},{"type":"text","text":"b"}]},{"role":"user","content":"g"}]}`,
  "google-generate-content": (state) =>
    `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"c","thought":true,"thoughtSignature":${state}},{"functionCall":{"name":"e","args":{}},"thoughtSignature":${state}},{"text":"","thoughtSignature":${state}}]},{"role":"user","parts":[{"functionResponse":{"name":"e","response":{}}},{"text":"g"}]}]}`,
};

export const stateful = (dialect: ChatDialectId): fc.Arbitrary<string> =>
  forged.map((state) => THOUGHTS[dialect](state));

/** A body of the dialect: one somebody had a conversation with, or one with a documented field, or with any state. */
function bodies(dialect: ChatDialectId): fc.Arbitrary<string> {
  const documented = [...mutationsOf(SHAPES[dialect])].map(({ mutated }) => JSON.stringify(mutated));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...documented) },
    { weight: 1, arbitrary: conversation.map((one) => JSON.stringify(written(one, dialect) ?? {})) },
    { weight: 1, arbitrary: stateful(dialect) },
  );
}

/** The same, with something odd in some places. */
export const oddBodies = (dialect: ChatDialectId): fc.Arbitrary<string> =>
  fc
    .tuple(bodies(dialect), fc.array(fc.tuple(fc.nat(10_000), anything), { maxLength: 3 }))
    .map(([body, changes]) => changes.reduce((text, [pick, by]) => oddJson(text, pick, by), body));
