import { describe, expect, test } from "vitest";
import type { CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import type { ReasoningState } from "../../../worker/canonical/reasoning-state.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import type { ReasoningKnobs, TargetModel } from "../../../worker/canonical/target-model.ts";
import { noUsage } from "../../../worker/canonical/usage.ts";
import type { AnswerContext } from "../../../worker/dialects/dialect.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";

/** What the three coding agents send and what they need, as `npm run agents` found it out. */

const OWNERS = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  "anthropic-messages": "anthropic",
  "google-generate-content": "google",
} as const;

const targetOf = (dialect: ChatDialectId, reasoning: ReasoningKnobs = {}): TargetModel => ({
  name: "m",
  owner: OWNERS[dialect],
  files: null,
  reasoning,
  quirks: new Set(),
});

/** A client's request as it goes to a provider of another dialect, and what was lost on the way. */
function translate(from: ChatDialectId, to: ChatDialectId, body: JsonObject, reasoning?: ReasoningKnobs) {
  const losses = new Losses();
  const request = chatDialects[from].decodeRequest(body, { model: "m", stream: true });
  const encoded = chatDialects[to].encodeRequest(request, targetOf(to, reasoning), losses);
  return { ...encoded, lost: losses.warnings.map(({ code, path }) => `${code}@${path}`) };
}

const contextOf = (losses = new Losses()): AnswerContext => ({
  id: "1",
  createdAt: 0,
  model: "m",
  body: {},
  framing: "sse",
  losses,
});

const answerOf = (...parts: Part[]): CanonicalAnswer => ({
  id: "1",
  model: "m",
  candidates: [{ index: 0, parts, stop: { reason: "end_turn" } }],
  usage: noUsage(),
});

/** An answer as a stream of the client's. */
function streamOf(dialect: ChatDialectId, answer: CanonicalAnswer, losses: Losses): string {
  const encoder = chatDialects[dialect].startEncoder(contextOf(losses));
  return [...replayAnswer(answer)].map((event) => encoder.step(event)).join("") + encoder.end();
}

const state = (where: ReasoningState["where"]): ReasoningState => ({
  owner: "google",
  value: "c2VhbA==",
  model: "gemini-3.8-flash",
  where,
});

const CALL: Part = { type: "tool_call", id: "c1", name: "Read", kind: "function", arguments: "{}" };

describe("Claude Code", () => {
  test.each([true, false])(
    "the last block is never a thought: what carries the last text's state goes before it, or nowhere (stream: %s)",
    (streamed) => {
      const said: Part = { type: "text", text: "Done.", state: state("text") };
      const typesOf = (answer: CanonicalAnswer, losses: Losses): unknown[] => {
        if (streamed)
          return [...streamOf("anthropic-messages", answer, losses).matchAll(/"content_block":\{"type":"(\w+)"/g)].map(
            ([, type]) => type,
          );
        const { content } = chatDialects["anthropic-messages"].encodeAnswer(answer, contextOf(losses));
        return (content as JsonObject[]).map(({ type }) => type);
      };
      const losses = new Losses();
      expect(typesOf(answerOf(said, CALL), losses)).toEqual(["text", "thinking", "tool_use"]);
      expect(losses.warnings).toEqual([]);
      expect(typesOf(answerOf(said), losses)).toEqual(streamed ? ["text"] : ["thinking", "text"]);
      expect(losses.warnings).toEqual(streamed ? [{ code: "reasoning_state_dropped", path: "answer" }] : []);
    },
  );

  test("its note to Anthropic's billing goes to nobody else", () => {
    const system = [
      { type: "text", text: "x-anthropic-billing-header: cc_version=2.1;" },
      { type: "text", text: "You help." },
    ];
    const body = { model: "m", max_tokens: 99, system, messages: [{ role: "user", content: "Hi" }] };
    const { body: sent, lost } = translate("anthropic-messages", "openai-responses", body);
    expect(sent).toMatchObject({ instructions: "You help." });
    expect(lost).toEqual([]);
    expect(translate("anthropic-messages", "anthropic-messages", body).body.system).toEqual(system);
  });

  test("Gemini caches by itself: marks are no loss", () => {
    const cache_control = { type: "ephemeral" };
    const system = [{ type: "text", text: "You help.", cache_control }];
    const tools = [{ name: "Read", description: "Reads.", input_schema: { type: "object" }, cache_control }];
    const body = { model: "m", max_tokens: 99, system, tools, messages: [{ role: "user", content: "Hi" }] };
    expect(translate("anthropic-messages", "google-generate-content", body).lost).toEqual([]);
  });

  test("what its search for tools has found is told in words", () => {
    const found = [
      { type: "tool_reference", tool_name: "WebFetch" },
      { type: "tool_reference", tool_name: "Glob" },
    ];
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "ToolSearch", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: found }] },
    ];
    const body = { model: "m", max_tokens: 99, messages };
    const { body: sent, lost } = translate("anthropic-messages", "openai-responses", body);
    const output = "The tool WebFetch can be called.\nThe tool Glob can be called.";
    expect((sent.input as JsonObject[]).at(-1)).toEqual({ type: "function_call_output", call_id: "t1", output });
    expect(lost).toEqual([0, 1].map((index) => `part_converted@messages[2].content[0].content[${index}]`));
    expect(translate("anthropic-messages", "anthropic-messages", body).body.messages).toEqual(messages);
  });

  test("a result with nothing that can be told is an empty text, and makes no message of its own", () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "Look", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "something_new" }] }] },
    ];
    const body = { model: "m", max_tokens: 99, messages };
    const { body: responses } = translate("anthropic-messages", "openai-responses", body);
    expect((responses.input as JsonObject[]).at(-1)).toMatchObject({ output: "" });
    const { body: chat, lost } = translate("anthropic-messages", "openai-chat", body);
    expect((chat.messages as JsonObject[]).at(-1)).toEqual({ role: "tool", tool_call_id: "t1", content: "" });
    expect(lost).toEqual(["part_dropped@messages[2].content[0].content[0]"]);
  });
});

describe("Codex CLI", () => {
  const ask = { model: "m", input: "Hi" };
  const GRAMMAR = { type: "grammar", syntax: "lark", definition: 'start: "x"' };
  const PATCH = { type: "custom", name: "apply_patch", description: "Patches.", format: GRAMMAR };

  test("sealed reasoning always comes along, so that asking for it loses nothing", () => {
    const include = ["reasoning.encrypted_content"];
    for (const to of ["anthropic-messages", "google-generate-content", "openai-chat"] as const)
      expect(translate("openai-responses", to, { ...ask, include }).lost).toEqual([]);
    const others = { ...ask, include: [...include, "file_search_call.results"] };
    expect(translate("openai-responses", "anthropic-messages", others).lost).toEqual(["param_dropped@include"]);
    expect(translate("openai-responses", "openai-responses", others).body.include).toEqual(others.include);
  });

  test("probabilities that `include` asks for are the setting they are elsewhere", () => {
    const body = { ...ask, include: ["message.output_text.logprobs"] };
    expect(translate("openai-responses", "openai-chat", body).body).toMatchObject({ logprobs: true });
    expect(() => translate("openai-responses", "anthropic-messages", body)).toThrow("'include'");
  });

  test.each([
    ["anthropic-messages", "input_schema"],
    ["google-generate-content", "parametersJsonSchema"],
  ] as const)("the grammar of a free-text tool is told to %s in words", (to, member) => {
    const { body, tools } = translate("openai-responses", to, { ...ask, tools: [PATCH] });
    const description = 'The tool\'s whole input, as free text. It must match this lark grammar:\nstart: "x"';
    const declared = { [member]: { properties: { input: { description } } } };
    expect(body.tools).toMatchObject([to === "anthropic-messages" ? declared : { functionDeclarations: [declared] }]);
    expect(tools?.get("apply_patch")).toEqual({ name: "apply_patch", emulated: "custom" });
  });

  test("Chat has the grammar one level deeper, both ways", () => {
    const { type, ...grammar } = GRAMMAR;
    const custom = { name: "apply_patch", description: "Patches.", format: { type, grammar } };
    const toChat = translate("openai-responses", "openai-chat", { ...ask, tools: [PATCH] });
    expect(toChat.body.tools).toEqual([{ type: "custom", custom }]);
    const body = { model: "m", messages: [{ role: "user", content: "Hi" }], tools: [{ type: "custom", custom }] };
    expect(translate("openai-chat", "openai-responses", body).body.tools).toEqual([PATCH]);
    expect(translate("openai-chat", "openai-chat", body).body.tools).toEqual(body.tools);
  });

  test.each<[what: string, from: ChatDialectId, asking: JsonObject]>([
    ["a summary", "openai-responses", { ...ask, reasoning: { summary: "auto" } }],
    [
      "thoughts",
      "google-generate-content",
      {
        contents: [{ role: "user", parts: [{ text: "Hi" }] }],
        generationConfig: { thinkingConfig: { includeThoughts: true } },
      },
    ],
  ])(
    "who asks for %s, and no amount, gets thoughts from a Claude that chooses the amount itself",
    (_, from, asking) => {
      const thinking = (knobs: ReasoningKnobs) => translate(from, "anthropic-messages", asking, knobs).body.thinking;
      expect(thinking({ support: "always", adaptive: true })).toEqual({ type: "adaptive", display: "summarized" });
      expect(thinking({ support: "optional", budget: { least: 1024, most: 63_999 } })).toBeUndefined();
      expect(thinking({ support: "none" })).toBeUndefined();
    },
  );

  test("Gemini signs the call and wants no thought back: leaving it out is no loss", () => {
    const signed: Part = { ...CALL, state: state("tool_call") };
    const encoded = chatDialects["openai-responses"].encodeAnswer(
      answerOf({ type: "thinking", text: "Hm." }, signed),
      contextOf(),
    );
    const user = { role: "user", content: "Hi" };
    const result = { type: "function_call_output", call_id: "c1", output: "x" };
    const body = { model: "m", input: [user, ...(encoded.output as JsonObject[]), result] };
    const { body: sent, lost } = translate("openai-responses", "google-generate-content", body);
    const call = { functionCall: { id: "c1", name: "Read", args: {} }, thoughtSignature: "c2VhbA==" };
    expect((sent.contents as JsonObject[])[1]).toEqual({ role: "model", parts: [call] });
    expect(lost).toEqual([]);
  });

  test("a turn that ends in a thought ends before it, for Claude", () => {
    const encoded = chatDialects["openai-responses"].encodeAnswer(
      answerOf(
        { type: "text", text: "So." },
        { type: "thinking", text: "Hm.", state: { ...state("thinking"), owner: "anthropic" } },
      ),
      contextOf(),
    );
    const user = { role: "user", content: "Hi" };
    const body = { model: "m", input: [user, ...(encoded.output as JsonObject[]), user] };
    const { body: sent, lost } = translate("openai-responses", "anthropic-messages", body);
    expect((sent.messages as JsonObject[])[1]).toEqual({ role: "assistant", content: [{ type: "text", text: "So." }] });
    expect(lost).toHaveLength(1);
  });
});

describe("Gemini CLI", () => {
  test("between chunks there is nothing: its SDK reads nothing after a comment", () => {
    const encoder = chatDialects["google-generate-content"].startEncoder(contextOf());
    expect(encoder.step({ type: "keepalive" })).toBe("");
  });

  test("a thought it has left out stands before the words that followed it", () => {
    const thought: Part = { type: "thinking", text: "Hm.", state: { ...state("thinking"), owner: "anthropic" } };
    const answer = answerOf(thought, { type: "text", text: "I look." }, CALL);
    const encoded = chatDialects["google-generate-content"].encodeAnswer(answer, contextOf());
    const [candidate] = encoded.candidates as { content: { parts: JsonObject[] } }[];
    const contents = [
      { role: "user", parts: [{ text: "Hi" }] },
      { role: "model", parts: candidate?.content.parts.filter((part) => part.thought !== true) },
      { role: "user", parts: [{ functionResponse: { id: "c1", name: "Read", response: { output: "x" } } }] },
    ];
    const { body, lost } = translate("google-generate-content", "anthropic-messages", { contents });
    expect((body.messages as JsonObject[])[1]).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "", signature: "c2VhbA==" },
        { type: "text", text: "I look." },
        { type: "tool_use", id: "c1", name: "Read", input: {} },
      ],
    });
    expect(lost).toEqual([]);
  });
});
