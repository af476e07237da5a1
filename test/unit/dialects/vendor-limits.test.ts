import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { anthropic } from "../../../worker/providers/anthropic.ts";
import {
  checkRow,
  contents,
  type Id,
  messages,
  type Row,
  said,
  target,
  told,
  user,
  type Wanted,
  words,
} from "../../support/translation/told-request.ts";

/** What a vendor is known to refuse, or to read otherwise, is not sent to it. */

const GO_ON = { role: "user", content: words("Continue.") };
const SYSTEM = { role: "system", content: "be kind" };

describe("a turn in which nothing is said", () => {
  const ROWS: Row[] = [
    [
      "instructions before an assistant's greeting stay instructions",
      "openai-chat",
      "anthropic-messages",
      { messages: [SYSTEM, said("hello"), user()] },
      { body: { system: words("be kind"), messages: [GO_ON, said(words("hello")), user(words("?"))] } },
    ],
    [
      "at Google, too",
      "openai-chat",
      "google-generate-content",
      { messages: [SYSTEM, said("hello"), user()] },
      {
        body: {
          systemInstruction: { parts: [{ text: "be kind" }] },
          contents: [{ role: "user", parts: [{ text: "Continue." }] }, { role: "model" }, { role: "user" }],
        },
      },
    ],
    [
      "instructions alone are instructions",
      "openai-chat",
      "anthropic-messages",
      { messages: [SYSTEM] },
      { body: { system: words("be kind"), messages: [GO_ON] }, warnings: ["history_repaired@messages"] },
    ],
    [
      "instructions alone are the input, where there must be one",
      "openai-chat",
      "openai-responses",
      { messages: [SYSTEM] },
      { body: { input: [{ role: "developer", content: [{ type: "input_text", text: "be kind" }] }] } },
    ],
    [
      "an empty text is a turn left out",
      "openai-chat",
      "anthropic-messages",
      { messages: [user(""), said("hello"), user()] },
      { body: { messages: [GO_ON, said(words("hello")), user(words("?"))] } },
    ],
    [
      "white space alone is nothing to Claude",
      "openai-chat",
      "anthropic-messages",
      {
        messages: [
          user(),
          { ...said("\n\n"), tool_calls: [{ id: "c", type: "function", function: { name: "f" } }] },
          { role: "tool", tool_call_id: "c", content: " " },
          user([...words("a"), ...words(" "), ...words("b")]),
        ],
      },
      {
        body: {
          messages: [
            user(words("?")),
            said([{ type: "tool_use", id: "c", name: "f", input: {} }]),
            user([{ type: "tool_result", tool_use_id: "c" }, ...words("a"), ...words(" "), ...words("b")]),
          ],
        },
      },
    ],
    [
      "the beginning of an answer ends in no white space",
      "openai-chat",
      "anthropic-messages",
      { messages: [user(), said([...words("so \n"), ...words(" ")])] },
      { body: { messages: [user(words("?")), said(words("so"))] } },
      target({ prefill: true }),
    ],
  ];

  test.each(ROWS)("%s", checkRow);
});

describe("what excludes each other", () => {
  const schema = { type: "object", properties: {}, additionalProperties: false };
  const promised = { type: "json_schema", json_schema: { name: "s", strict: true, schema } };
  const begun = { messages: [user(), said("{")] };
  const byHand = target({ prefill: true, reasoning: { disabled: true, budget: { least: 1024, most: 63_999 } } });
  const older = target({ reasoning: { support: "optional", budget: { least: 0, most: 24_576 } } });
  const search = { input: "?", tools: [{ type: "web_search" }] };
  const ROWS: Row[] = [
    [
      "Claude's thinking and sampling, by hand",
      "openai-chat",
      "anthropic-messages",
      { messages: [user()], temperature: 0.2, top_k: 4, reasoning_effort: "low" },
      {
        body: { thinking: { type: "enabled" } },
        absent: ["temperature", "top_k"],
        warnings: ["param_dropped@temperature", "param_dropped@top_k"],
      },
      byHand,
    ],
    [
      "Claude's thinking and sampling, as it likes",
      "google-generate-content",
      "anthropic-messages",
      { contents, generationConfig: { temperature: 1, topP: 0.5, thinkingConfig: { thinkingLevel: "HIGH" } } },
      {
        body: { thinking: { type: "adaptive" } },
        absent: ["temperature", "top_p"],
        warnings: ["param_dropped@generationConfig.topP"],
      },
    ],
    [
      "sampling goes on where Claude's thinking is switched off",
      "openai-chat",
      "anthropic-messages",
      { messages: [user()], temperature: 0.2, reasoning_effort: "none" },
      { body: { temperature: 0.2, thinking: { type: "disabled" } }, warnings: [] },
      byHand,
    ],
    [
      "a promised schema and the beginning of an answer",
      "openai-chat",
      "anthropic-messages",
      { ...begun, response_format: promised },
      { body: { messages: [{}, said(words("{")), GO_ON], output_config: { format: { type: "json_schema" } } } },
      target({ prefill: true }),
    ],
    [
      "thinking by hand and the beginning of an answer",
      "openai-chat",
      "anthropic-messages",
      { ...begun, reasoning_effort: "low" },
      { body: { thinking: { type: "disabled" } }, warnings: ["reasoning_adjusted@reasoning_effort"] },
      byHand,
    ],
    [
      "JSON mode and functions of an older Gemini",
      "openai-chat",
      "google-generate-content",
      {
        messages: [user()],
        response_format: { type: "json_object" },
        tools: [{ type: "function", function: { name: "f" } }],
      },
      {
        body: { systemInstruction: { parts: [{ text: expect.stringContaining("JSON object") }] } },
        absent: ["generationConfig"],
        warnings: ["json_mode_emulated@response_format"],
      },
      older,
    ],
    [
      "a schema and the search of an older Gemini",
      "openai-responses",
      "google-generate-content",
      { ...search, text: { format: { type: "json_schema", name: "s", schema } } },
      { refused: "schema_unsupported@text.format" },
      older,
    ],
    [
      "a choice among functions and Google's search",
      "openai-responses",
      "google-generate-content",
      { ...search, tool_choice: "auto" },
      { body: { tools: [{ googleSearch: {} }] }, absent: ["toolConfig"], warnings: [] },
    ],
    [
      "a forced call and Google's search",
      "openai-responses",
      "google-generate-content",
      { ...search, tool_choice: "required" },
      { body: { tools: [{ googleSearch: {} }] }, absent: ["toolConfig"], warnings: ["tool_emulated@tool_choice"] },
    ],
  ];

  test.each(ROWS)("%s", checkRow);

  test.each(["openai-chat", "google-generate-content"] as const)("no call at all and a search: %s", (to) => {
    const quiet = told("openai-responses", to, { ...search, tool_choice: "none" });
    expect(quiet.warnings).toEqual([]);
    expect(quiet.body).not.toHaveProperty("tools");
    expect(quiet.body).not.toHaveProperty("web_search_options");
  });
});

describe("JSON mode at OpenAI wants to be told in words, in the messages themselves", () => {
  const json = { contents, generationConfig: { responseMimeType: "application/json" } };
  const asked = expect.stringContaining("JSON object");
  const warnings = ["json_mode_emulated@generationConfig.responseMimeType"];
  const developer = (text: unknown) => ({ role: "developer", content: [{ type: "input_text", text }] });
  const ROWS: Row[] = [
    [
      "Google's clients need not say it",
      "google-generate-content",
      "openai-chat",
      json,
      { body: { messages: [{ role: "system", content: asked }, user()] }, warnings },
    ],
    [
      "nor at Responses",
      "google-generate-content",
      "openai-responses",
      json,
      { body: { input: [developer(asked), {}] }, absent: ["instructions"], warnings },
    ],
    [
      "instructions that say it are no longer apart",
      "openai-chat",
      "openai-responses",
      { messages: [{ role: "system", content: "in JSON" }, user()], response_format: { type: "json_object" } },
      { body: { input: [developer("in JSON"), {}] }, absent: ["instructions"], warnings: [] },
    ],
  ];

  test.each(ROWS)("%s", checkRow);
});

describe("a vendor's tool that has to be used", () => {
  const search = { type: "web_search_20250305", name: "web_search" };
  const tools = [search, { name: "f", input_schema: { type: "object" } }];
  const body = messages({ tools, tool_choice: { type: "tool", name: "web_search" } });
  const refused = "forced_tool_choice_unsupported@tool_choice";

  test("Responses knows it by its kind", () => {
    const { body: written } = told("anthropic-messages", "openai-responses", body);
    expect(written).toMatchObject({ tools: [{ type: "web_search" }, {}], tool_choice: { type: "web_search" } });
  });

  test("a model that searches in Chat always does", () => {
    const { body: written } = told("anthropic-messages", "openai-chat", body);
    expect(written).toMatchObject({ web_search_options: {}, tools: [{}] });
    expect(written).not.toHaveProperty("tool_choice");
  });

  test("Google can be made to call functions alone, and searches by itself where it has nothing else", () => {
    expect(told("anthropic-messages", "google-generate-content", body)).toEqual({ refused });
    const alone = told("anthropic-messages", "google-generate-content", { ...body, tools: [search] });
    expect(alone.body).toMatchObject({ tools: [{ googleSearch: {} }] });
    expect(alone.body).not.toHaveProperty("toolConfig");
    expect(alone.warnings).toEqual(["tool_emulated@tool_choice"]);
  });
});

describe("files of Google's clients", () => {
  const WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  const path = "contents[0].parts[0]";
  const sent = (mimeType: string, data = "YSxi") => ({ contents: [{ parts: [{ inlineData: { mimeType, data } }] }] });
  const openai = target({ owner: "openai" });
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const file = (filename: string, mimeType: string) => ({
    body: { input: [{ content: [{ type: "input_file", filename, file_data: `data:${mimeType};base64,YSxi` }] }] },
    warnings: [],
  });
  const ROWS: [what: string, to: Id, body: JsonObject, wanted: Wanted][] = [
    [
      "a text is told in Chat",
      "openai-chat",
      sent("text/csv"),
      { body: { messages: [user(words("a,b"))] }, warnings: [`part_converted@${path}`] },
    ],
    [
      "a text has its own kind of name in Responses",
      "openai-responses",
      sent("text/csv"),
      file("document.csv", "text/csv"),
    ],
    ["so has a Word document", "openai-responses", sent(WORD), file("document.docx", WORD)],
    ["Chat takes no Word document", "openai-chat", sent(WORD), { refused: `modality_unsupported@${path}` }],
    ["nor does Messages", "anthropic-messages", sent(WORD), { refused: `modality_unsupported@${path}` }],
    ["Chat takes no Ogg", "openai-chat", sent("audio/ogg"), { refused: `modality_unsupported@${path}` }],
    ["Chat takes no HEIC", "openai-chat", sent("image/heic"), { refused: `unsupported_image_type@${path}` }],
    ["Responses neither", "openai-responses", sent("image/heic"), { refused: `unsupported_image_type@${path}` }],
    [
      "a picture is what it is",
      "openai-responses",
      sent("image/jpeg", png),
      {
        body: { input: [{ content: [{ image_url: `data:image/png;base64,${png}` }] }] },
        warnings: [`part_converted@${path}`],
      },
    ],
  ];

  test.each(ROWS)("%s", (_what, to, body, wanted) => {
    expect(told("google-generate-content", to, body, openai)).toMatchObject(wanted);
  });
});

test("a text document in a result is part of what the tool said: beside it Google takes media alone", () => {
  const document = { type: "document", source: { type: "text", media_type: "text/plain", data: "b" } };
  const result = { type: "tool_result", tool_use_id: "c", content: [...words("a"), document] };
  const body = { messages: [user(), said([{ type: "tool_use", id: "c", name: "f", input: {} }]), user([result])] };
  const gemini = target({ name: "gemini-3.6-flash", owner: "google" });
  expect(told("anthropic-messages", "google-generate-content", body, gemini).body).toHaveProperty("contents[2].parts", [
    { functionResponse: { id: "c", name: "f", response: { output: "a\nb" } } },
  ]);
});

test("a longer life of a cache mark does not follow a shorter one, the request's own included", () => {
  const marked = (ttl: string) => ({
    ...user([{ type: "text", text: "?", cache_control: { type: "ephemeral", ttl } }]),
  });
  const body = {
    messages: [marked("1h"), marked("5m"), marked("1h")],
    cache_control: { type: "ephemeral", ttl: "1h" },
  };
  const { body: written, warnings } = told("openai-chat", "anthropic-messages", body);
  const marks = (...ttls: string[]) => ({ content: ttls.map((ttl) => ({ cache_control: { ttl } })) });
  expect(written).toMatchObject({ messages: [marks("1h", "5m", "5m")] });
  expect(written?.cache_control).toEqual({ type: "ephemeral", ttl: "5m" });
  expect(warnings).toEqual(["cache_ttl_changed@messages[2].content[0]", "cache_ttl_changed@cache_control"]);
});

test.each([
  ["claude-opus-4-7", false],
  ["claude-opus-4-20250514", false],
  ["claude-sonnet-4-5-20250929", false],
  ["claude-opus-4-8", true],
  ["claude-opus-5", true],
])("%s takes instructions between messages: %s", (model, takes) => {
  expect(anthropic.takesSystemMessages?.(model)).toBe(takes);
});

test("a budget of thoughts is not below the smallest that Gemini takes", () => {
  const model = target({ reasoning: { support: "optional", budget: { least: 0, most: 24_576, from: 512 } } });
  const body = { messages: [user()], reasoning: { max_tokens: 100 } };
  expect(told("openai-chat", "google-generate-content", body, model)).toMatchObject({
    body: { generationConfig: { thinkingConfig: { thinkingBudget: 512 } } },
    warnings: ["reasoning_adjusted@reasoning.max_tokens"],
  });
});

test("a picture of the assistant's is the user's at Anthropic, after the results", () => {
  const inlineData = { mimeType: "image/png", data: "iVBORw0KGgo=" };
  const drawn = [
    ...contents,
    { role: "model", parts: [{ text: "here" }, { inlineData }, { functionCall: { name: "f" } }] },
    { role: "user", parts: [{ functionResponse: { name: "f", response: {} } }, { text: "?" }] },
  ];
  expect(told("google-generate-content", "anthropic-messages", { contents: drawn })).toMatchObject({
    body: {
      messages: [
        {},
        { content: [{ type: "text" }, { type: "tool_use" }] },
        {
          content: [
            { type: "tool_result" },
            ...words("[shown by the assistant before]"),
            { type: "image" },
            ...words("?"),
          ],
        },
      ],
    },
    warnings: ["part_converted@contents[1].parts[1]"],
  });
});

describe("a model that reasons tells no probabilities, and lets nobody weigh its words", () => {
  const model = target({ owner: "openai", sampling: false });
  const config = { responseLogprobs: true, logprobs: 2 };
  const weighed = { messages: [user()], logit_bias: { 1: 5 }, logprobs: true };
  const ROWS: Row[] = [
    [
      "Chat",
      "google-generate-content",
      "openai-chat",
      { contents, generationConfig: config },
      {
        absent: ["logprobs", "top_logprobs"],
        warnings: ["param_dropped@generationConfig.responseLogprobs", "param_dropped@generationConfig.logprobs"],
      },
      model,
    ],
    [
      "not wanted, not missed",
      "google-generate-content",
      "openai-chat",
      { contents, generationConfig: { responseLogprobs: false } },
      { absent: ["logprobs"], warnings: [] },
      model,
    ],
    [
      "Responses",
      "google-generate-content",
      "openai-responses",
      { contents, generationConfig: config },
      { absent: ["top_logprobs"], warnings: ["param_dropped@generationConfig.responseLogprobs"] },
      model,
    ],
    ["Chat's own client asks for what it likes", "openai-chat", "openai-chat", weighed, { body: weighed }, model],
  ];

  test.each(ROWS)("%s", checkRow);
});
