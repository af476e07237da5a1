import { describe, expect, test } from "vitest";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { TargetModel } from "../../../worker/canonical/target-model.ts";
import { reportRest } from "../../../worker/dialects/portability.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { anthropic } from "../../../worker/providers/anthropic.ts";

/** What a client asks for reaches another vendor's model, or the client is told that it does not. */

type Id = keyof typeof chatDialects;

const target = (more: Partial<TargetModel> = {}): TargetModel => ({
  name: "m",
  owner: "none",
  files: null,
  reasoning: { support: "optional", efforts: ["none", "low", "medium", "high"] },
  quirks: new Set(),
  ...more,
});

/** The warnings on the way from one dialect to another, or the code of a refusal; with what was written. */
function told(from: Id, to: Id, body: JsonObject, model = target()) {
  const losses = new Losses();
  const client = chatDialects[from];
  try {
    const request = client.decodeRequest(body, { model: "m", stream: false });
    reportRest(request, client.portability, losses);
    const encoded = chatDialects[to].encodeRequest(request, model, losses);
    return { body: encoded.body, warnings: losses.warnings.map(({ code, path }) => `${code}@${path}`) };
  } catch (error) {
    if (error instanceof GatewayError) return { refused: `${error.code}@${error.param}` };
    throw error;
  }
}

const messages = (more: JsonObject, content: JsonObject[] = []) => ({
  max_tokens: 4096,
  messages: [{ role: "user", content: [...content, { type: "text", text: "?" }] }],
  ...more,
});

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

/** What is told, or refused, and members that the request must not have. */
type Wanted = Partial<ReturnType<typeof told>> & { absent?: string[] };
type Row = [what: string, from: Id, to: Id, body: JsonObject, wanted: Wanted, model?: TargetModel];

function checkRow(...[_what, from, to, body, { absent = [], ...wanted }, model]: Row): void {
  const result = told(from, to, body, model);
  expect(result).toMatchObject(wanted);
  for (const member of absent) expect(result.body).not.toHaveProperty(member);
}

const user = (content: unknown = "?") => ({ role: "user", content });
const said = (content: unknown) => ({ role: "assistant", content });
const contents = [{ role: "user", parts: [{ text: "?" }] }];
const words = (text: string) => [{ type: "text", text }];
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
      { refused: "forced_tool_choice_unsupported@tool_choice" },
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

describe("schemas", () => {
  const name = { type: "string", minLength: 2 };
  const person = { type: "object", properties: { name }, required: ["name"] };
  const inWords = { type: "object", properties: { name: { type: "string", description: "(minLength: 2)" } } };
  const closed = { ...person, additionalProperties: false };
  const holding = (inner: JsonObject, more: JsonObject = {}) => ({
    type: "object",
    properties: { p: inner },
    required: ["p"],
    ...more,
  });
  const named = { definitions: { Person: person } };
  const reference = { $ref: "#/definitions/Person" };
  const described = { ...reference, description: "who" };
  const openai = target({ owner: "openai" });
  const inside = (schema: object) => ({ properties: { p: schema } });

  type SchemaRow = [what: string, to: Id, schema: JsonObject, written: object];
  const ROWS: SchemaRow[] = [
    ["a root by reference", "google-generate-content", { ...reference, ...named }, inWords],
    [
      "a root by reference",
      "anthropic-messages",
      { ...reference, ...named },
      { ...inWords, additionalProperties: false },
    ],
    ["a root by reference", "openai-chat", { ...reference, ...named }, closed],
    ["words beside a reference", "openai-chat", holding(described, named), inside({ ...closed, description: "who" })],
    [
      "words beside a reference",
      "google-generate-content",
      holding(described, named),
      inside({ ...inWords, description: "who" }),
    ],
    [
      "a conjunction of one reference",
      "google-generate-content",
      holding({ allOf: [reference], description: "who" }, named),
      inside({ ...inWords, description: "who" }),
    ],
    [
      "a conjunction of one reference",
      "anthropic-messages",
      holding({ allOf: [reference], description: "who" }, named),
      inside({ ...inWords, description: "who", additionalProperties: false }),
    ],
    [
      "words beside what refers to itself",
      "google-generate-content",
      { $ref: "#/$defs/N", $defs: { N: { type: "object", properties: { n: { $ref: "#/$defs/N", title: "next" } } } } },
      { type: "object", properties: { n: { $ref: "#/$defs/N" } } },
    ],
    [
      "formats that OpenAI does not know",
      "openai-chat",
      holding({ type: "integer", format: "int32" }),
      inside({ type: "integer", description: "(format: int32)" }),
    ],
    [
      "a pattern that looks ahead",
      "openai-responses",
      holding({ type: "string", pattern: "^(?!x)" }),
      inside({ type: "string", description: "(pattern: ^(?!x))" }),
    ],
    [
      "a tuple in its older spelling",
      "google-generate-content",
      holding({ type: "array", items: [{ const: 1 }] }),
      inside({ type: "array", prefixItems: [{ enum: [1] }] }),
    ],
  ];

  const format = (schema: JsonObject) => ({
    input: "?",
    text: { format: { type: "json_schema", name: "s", schema, strict: true } },
  });
  const asked = (schema: JsonObject) => ({
    messages: [user()],
    response_format: { type: "json_schema", json_schema: { name: "s", schema, strict: true } },
  });
  const askedFor = (to: Id, schema: JsonObject, model?: TargetModel) =>
    to === "openai-chat"
      ? told("openai-responses", to, format(schema), model)
      : told("openai-chat", to, asked(schema), model);

  /** Where each dialect has the schema of an answer. */
  const at = (to: Id, schema: object): JsonObject =>
    ({
      "openai-chat": { response_format: { json_schema: { schema, strict: true } } },
      "openai-responses": { text: { format: { schema, strict: true } } },
      "anthropic-messages": { output_config: { format: { schema } } },
      "google-generate-content": { generationConfig: { responseJsonSchema: schema } },
    })[to];

  test.each(ROWS)("%s: %s", (_what, to, schema, written) => {
    expect(askedFor(to, schema)).toMatchObject({ body: at(to, written), warnings: [] });
  });

  test("a property that is called like a keyword is one", () => {
    const schema = holding({ ...closed }, { properties: { properties: closed }, required: ["properties"] });
    const { body } = askedFor("openai-chat", schema);
    expect(body).toHaveProperty("response_format.json_schema.schema.properties", { properties: closed });
  });

  test("an object of any properties is not promised as one of none", () => {
    const schema = holding({ type: "object" });
    expect(askedFor("openai-chat", schema)).toMatchObject({
      body: { response_format: { json_schema: { schema, strict: false } } },
      warnings: ["schema_relaxed@text.format"],
    });
    expect(askedFor("anthropic-messages", schema)).toMatchObject({
      body: { tools: [{ input_schema: schema }], tool_choice: { type: "tool" } },
      warnings: ["tool_emulated@response_format"],
    });
  });

  test("what is no object is not asked of who answers in objects only", () => {
    const list = { type: "array", items: { type: "string" } };
    const config = { responseMimeType: "application/json", responseJsonSchema: list };
    const refused = "schema_unsupported@generationConfig.responseJsonSchema";
    for (const to of ["openai-chat", "openai-responses"] as const) {
      expect(told("google-generate-content", to, { contents, generationConfig: config }, openai)).toEqual({ refused });
    }
    const emulated = target({ structuredOutput: false });
    expect(
      told("google-generate-content", "anthropic-messages", { contents, generationConfig: config }, emulated),
    ).toEqual({ refused });
  });

  test("a choice of words without JSON is Google's alone", () => {
    const generationConfig = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a", "b"] } };
    expect(told("google-generate-content", "anthropic-messages", { contents, generationConfig })).toEqual({
      refused: "schema_unsupported@generationConfig.responseMimeType",
    });
  });

  test("a function's parameters are by their own word those of an object", () => {
    const tool = { name: "f", parametersJsonSchema: { ...reference, ...named } };
    const { body } = told("google-generate-content", "openai-responses", {
      contents,
      tools: [{ functionDeclarations: [tool] }],
    });
    expect(body).toMatchObject({ tools: [{ parameters: person, strict: false }] });
  });

  test("references are not resolved without end", () => {
    const both = (next: string) => ({ anyOf: [1, 2].map((n) => ({ $ref: `#/$defs/${next}`, title: String(n) })) });
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`d${n}`, both(`d${n + 1}`)]));
    const { body } = askedFor("google-generate-content", holding({ $ref: "#/$defs/d0", title: "all" }, { $defs }));
    expect(JSON.stringify(body).length).toBeLessThan(100_000);
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

  test("Google can be made to call functions alone", () => {
    expect(told("anthropic-messages", "google-generate-content", body)).toEqual({ refused });
    expect(told("anthropic-messages", "google-generate-content", { ...body, tools: [search] })).toEqual({ refused });
  });
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
