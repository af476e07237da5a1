import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { type Id, messages, said, target, told, user } from "../../support/translation/told-request.ts";

/** What a client asks for reaches another vendor's model, or the client is told that it does not. */

describe("thinking between tools only is no thinking, and its reports are lost", () => {
  const body = messages({ thinking: { type: "between_tools" } });
  const warnings = ["reasoning_adjusted@thinking.type"];

  test("Chat and Responses", () => {
    expect(told("anthropic-messages", "openai-chat", body)).toMatchObject({
      body: { reasoning_effort: "none" },
      warnings,
    });
    expect(told("anthropic-messages", "openai-responses", body)).toMatchObject({
      body: { reasoning: { effort: "none" } },
      warnings,
    });
  });

  test("Gemini, by budget and by level", () => {
    const budget = target({ reasoning: { support: "optional", budget: { least: 0, most: 24_576 } } });
    expect(told("anthropic-messages", "google-generate-content", body, budget)).toMatchObject({
      body: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
      warnings,
    });
    const level = target({ reasoning: { support: "always", levels: ["low", "high"] } });
    expect(told("anthropic-messages", "google-generate-content", body, level)).toMatchObject({
      body: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW" } } },
      warnings,
    });
  });

  test("also beside an effort, which says how hard to think where it does", () => {
    const hard = messages({ thinking: { type: "between_tools" }, output_config: { effort: "high" } });
    const chat = told("anthropic-messages", "openai-chat", hard);
    expect(chat).toMatchObject({ body: { reasoning_effort: "none" } });
    expect(chat.warnings).toEqual(["reasoning_adjusted@thinking.type"]);
  });
});

describe("citations of a document", () => {
  const source = { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQ=" };
  const body = messages({}, [{ type: "document", source, citations: { enabled: true } }]);

  test.each(["openai-chat", "openai-responses", "google-generate-content"] as const)("%s makes none", (to) => {
    expect(told("anthropic-messages", to, body).warnings).toEqual(["param_dropped@messages[0].content[0].citations"]);
  });
});

describe("what only OpenAI keeps", () => {
  const ask = (more: JsonObject) => ({ input: "?", ...more });
  const OTHERS = ["openai-chat", "anthropic-messages", "google-generate-content"] as const;

  test.each(OTHERS)("%s is not asked for it", (to) => {
    for (const [name, value] of [
      ["previous_response_id", "resp_1"],
      ["conversation", "conv_1"],
      ["conversation", { id: "conv_1" }],
      ["prompt", { id: "pmpt_1" }],
      ["background", true],
    ] as const) {
      expect(told("openai-responses", to, ask({ [name]: value }))).toEqual({ refused: `state_unsupported@${name}` });
    }
    const reference = { input: [{ type: "item_reference", id: "msg_1" }] };
    expect(told("openai-responses", to, reference)).toEqual({ refused: "state_unsupported@input[0]" });
  });

  test.each(OTHERS)("%s: what says no to it is no loss", (to) => {
    const none = { previous_response_id: null, conversation: null, prompt: null, background: false, store: false };
    expect(told("openai-responses", to, ask(none))).toMatchObject({ warnings: [] });
  });

  test.each(OTHERS)("%s: an answer to be stored is not, and that is told", (to) => {
    const stateless = target({ quirks: new Set(["no_stored_state"]) });
    const stored = told("openai-responses", to, ask({ store: true }), stateless);
    expect(stored.warnings).toEqual(["not_stored@store"]);
    expect(stored.body).not.toHaveProperty("store", true);
    // The SDK's default is not something anybody asked for.
    expect(told("openai-responses", to, ask({}), stateless).warnings).toEqual([]);
  });
});

test("the result of a call for free text is one of its own kind", () => {
  const messages = [
    user(),
    { ...said(null), tool_calls: [{ id: "c", type: "custom", custom: { name: "patch", input: "x" } }] },
    { role: "tool", tool_call_id: "c", content: "done" },
  ];
  expect(told("openai-chat", "openai-responses", { messages }).body?.input).toMatchObject([
    { type: "message" },
    { type: "custom_tool_call", call_id: "c" },
    { type: "custom_tool_call_output", call_id: "c", output: "done" },
  ]);
});

describe("a tool in a space of its own has one name throughout", () => {
  const inSpace = { type: "namespace", name: "mail", tools: [{ type: "function", name: "send" }] };
  const input = [
    user(),
    { type: "function_call", call_id: "c", namespace: "mail", name: "send", arguments: "{}" },
    { type: "function_call_output", call_id: "c", output: "sent" },
  ];
  const name = "mail__send";
  const chosen = { type: "function", name: "send" };
  const ROWS: [to: Id, choice: JsonObject, wanted: JsonObject][] = [
    ["openai-chat", chosen, { tool_choice: { function: { name } } }],
    ["anthropic-messages", chosen, { tool_choice: { type: "tool", name } }],
    [
      "anthropic-messages",
      { type: "allowed_tools", mode: "auto", tools: [chosen] },
      { tools: [{ name }], tool_choice: { type: "auto" } },
    ],
    [
      "google-generate-content",
      chosen,
      {
        toolConfig: { functionCallingConfig: { allowedFunctionNames: [name] } },
        contents: [{}, { parts: [{ functionCall: { name } }] }, { parts: [{ functionResponse: { name } }] }],
      },
    ],
  ];

  test.each(ROWS)("%s %j", (to, choice, wanted) => {
    expect(told("openai-responses", to, { input, tools: [inSpace], tool_choice: choice }).body).toMatchObject(wanted);
  });
});

test.each(["openai-chat", "anthropic-messages"] as const)("instructions in %s are texts", (to) => {
  const image = { type: "input_image", image_url: "https://example.com/a.png" };
  const input = [{ role: "developer", content: [{ type: "input_text", text: "be kind" }, image] }, user()];
  const { body, warnings } = told("openai-responses", to, { input });
  expect(warnings).toEqual(["part_dropped@input[0].content[1]"]);
  expect(JSON.stringify(body)).not.toContain("example.com");
});

describe("places are those of the client's own body", () => {
  test.each([
    ["openai-chat", { messages: [{ role: "assistant", content: "Hi." }] }, "messages"],
    ["openai-responses", { input: [{ role: "assistant", content: "Hi." }] }, "input"],
    ["google-generate-content", { contents: [{ role: "model", parts: [{ text: "Hi." }] }] }, "contents"],
  ] as const)("%s: a user's turn that was missing", (from, body, list) => {
    expect(told(from, "anthropic-messages", body as never).warnings).toEqual([`history_repaired@${list}`]);
  });
});

describe("what says nothing is refused by its own name, not by the provider in its words", () => {
  const image = (source: JsonObject) => messages({}, [{ type: "image", source }]);
  test.each([
    ["openai-chat", "anthropic-messages", { messages: [{ role: "user" }] }, "messages"],
    ["openai-chat", "google-generate-content", { messages: [{ role: "user", content: [] }] }, "messages"],
    ["openai-responses", "google-generate-content", { input: [{ role: "user" }] }, "input"],
    ["openai-responses", "anthropic-messages", { input: [{ role: "user" }] }, "input"],
    ["anthropic-messages", "openai-chat", { messages: [{ role: "user", content: null }] }, "messages"],
    ["google-generate-content", "anthropic-messages", { contents: [{}] }, "contents"],
    ["google-generate-content", "openai-responses", { contents: [{ role: "user" }] }, "contents"],
    ["anthropic-messages", "openai-chat", messages({ tool_choice: { type: "tool" } }), "tool_choice.name"],
    ["openai-chat", "anthropic-messages", { messages: [user()], tools: [{ type: "function" }] }, "tools[0].function"],
    [
      "anthropic-messages",
      "openai-responses",
      image({ type: "base64", media_type: "image/png" }),
      "messages[0].content[0]",
    ],
    [
      "google-generate-content",
      "openai-chat",
      { contents: [{ parts: [{ inlineData: { mimeType: "image/png" } }] }] },
      "contents[0].parts[0]",
    ],
  ] as const)("%s to %s: %j", (from, to, body, param) => {
    expect(told(from, to, body as never)).toEqual({ refused: `missing_required_parameter@${param}` });
  });
});

describe("a mode of calling that nobody knows is no choice, and is told", () => {
  const ask = (calling: JsonObject) => ({
    contents: [{ parts: [{ text: "?" }] }],
    tools: [{ functionDeclarations: [{ name: "f" }] }],
    toolConfig: { functionCallingConfig: calling },
  });
  const at = "param_dropped@toolConfig.functionCallingConfig";
  test.each([
    [{ mode: "SOMETIMES" }, [`${at}.mode`]],
    [{ allowedFunctionNames: ["f"] }, [`${at}.allowedFunctionNames`]],
    [{ mode: "MODE_UNSPECIFIED" }, []],
    [{}, []],
  ])("%j", (calling, warnings) => {
    expect(told("google-generate-content", "openai-chat", ask(calling)).warnings).toEqual(warnings);
  });
});
