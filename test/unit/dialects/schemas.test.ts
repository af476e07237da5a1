import { describe, expect, test } from "vitest";
import type { TargetModel } from "../../../worker/canonical/target-model.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { contents, type Id, target, told, user } from "../../support/translation/told-request.ts";

/** JSON Schemas as each vendor takes them. */

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

describe("a function's parameters", () => {
  const either = [{ required: ["a"] }, { required: ["b"] }];
  const choosing = { type: "object", properties: { a: {}, b: {} }, anyOf: either };
  const inWords = { properties: { a: {}, b: {} }, description: `(anyOf: ${JSON.stringify(either)})` };
  const tuple = { type: "array", items: [{ type: "string" }], additionalItems: false };
  const above = { type: "number", minimum: 1, exclusiveMinimum: true };
  const older = { type: "object", properties: { items: tuple, above } };
  const newer = {
    type: "object",
    properties: {
      items: { type: "array", prefixItems: [{ type: "string" }], items: false },
      above: { type: "number", exclusiveMinimum: 1 },
    },
  };
  const map = { type: "object", additionalProperties: { type: "string" } };
  const relaxed = ["schema_relaxed@tools[0]"];
  const openai = target({ owner: "openai" });

  const declaring = (parameters: JsonObject) => ({ input: "?", tools: [{ type: "function", name: "f", parameters }] });
  const ROWS: [what: string, to: Id, parameters: JsonObject, tool: JsonObject, warnings: string[]][] = [
    ["a choice at the root is told", "anthropic-messages", choosing, { input_schema: inWords }, relaxed],
    ["a choice at the root is told", "openai-chat", choosing, { function: { parameters: inWords } }, relaxed],
    ["older drafts are spelled anew", "anthropic-messages", older, { input_schema: newer }, []],
    [
      "a map is not nothing",
      "google-generate-content",
      map,
      { functionDeclarations: [{ name: "f", parametersJsonSchema: map }] },
      [],
    ],
  ];

  test.each(ROWS)("%s: %s", (_what, to, parameters, tool, warnings) => {
    const result = told("openai-responses", to, declaring(parameters), openai);
    expect(result).toMatchObject({ body: { tools: [tool] }, warnings });
    expect(JSON.stringify(result.body)).not.toContain('"anyOf":');
  });
});

test.each(["google-generate-content", "anthropic-messages", "openai-chat"] as const)(
  "a large definition, referred to often, does not make a request many times its size: %s",
  (to) => {
    const large = { type: "object", properties: { p: { type: "string", description: "x".repeat(300_000) } } };
    const properties = Object.fromEntries(
      Array.from({ length: 150 }, (_, at) => [`p${at}`, { $ref: "#/$defs/Large", description: `${at}` }]),
    );
    const parameters = { type: "object", properties, required: Object.keys(properties), $defs: { Large: large } };
    const tools = [{ type: "function", function: { name: "f", parameters, strict: true } }];
    const { body } = told("openai-chat", to === "openai-chat" ? "openai-responses" : to, {
      messages: [user()],
      tools,
    });
    expect(JSON.stringify(body).length).toBeLessThan(2_000_000);
  },
);
