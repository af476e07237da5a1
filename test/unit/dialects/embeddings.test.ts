import { describe, expect, test } from "vitest";
import type { EmbeddingInput } from "../../../worker/canonical/embeddings.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import { embeddingsCodecs } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";

const openai = embeddingsCodecs["openai-embeddings"];
const google = embeddingsCodecs["google-generate-content"];
const BATCH = "batchEmbedContents";

const textInput = (text: string, path: string, more: Partial<EmbeddingInput> = {}): EmbeddingInput => ({
  content: { kind: "text", text },
  path,
  dimensionsPath: "dimensions",
  ...more,
});

/** What a decoder says of a body: the request, or the error, with the losses on the way. */
function decoded(codec: typeof openai, body: JsonObject, method?: string) {
  const losses = new Losses();
  try {
    const request = codec.decodeRequest(body, { model: "m", method }, losses);
    return { request, warnings: losses.warnings.map(({ code, path }) => `${code}@${path}`) };
  } catch (error) {
    if (error instanceof GatewayError) return { error: `${error.code}@${error.param}` };
    throw error;
  }
}

describe("OpenAI's requests", () => {
  const TAKEN: [what: string, body: JsonObject, inputs: EmbeddingInput[], warnings?: string[]][] = [
    ["a text", { input: "one" }, [textInput("one", "input")]],
    ["texts", { input: ["one", " "] }, [textInput("one", "input[0]"), textInput(" ", "input[1]")]],
    [
      "token numbers",
      { input: [1, 2] },
      [{ content: { kind: "tokens", tokens: [1, 2] }, path: "input", dimensionsPath: "dimensions" }],
    ],
    [
      "lists of them",
      { input: [[1], "two"] },
      [
        { content: { kind: "tokens", tokens: [1] }, path: "input[0]", dimensionsPath: "dimensions" },
        textInput("two", "input[1]"),
      ],
    ],
    ["dimensions", { input: "one", dimensions: 8 }, [textInput("one", "input", { dimensions: 8 })]],
    ["a format", { input: "one", encoding_format: "float", model: "m" }, [textInput("one", "input")]],
    ["nulls", { input: "one", dimensions: null, encoding_format: null, user: null }, [textInput("one", "input")]],
    [
      "what it does not know",
      { input: "one", input_type: "query", provider: { sort: "price" } },
      [textInput("one", "input")],
      ["param_dropped@input_type", "param_dropped@provider.sort"],
    ],
  ];

  test.each(TAKEN)("%s", (_what, body, inputs, warnings = []) => {
    expect(decoded(openai, body)).toEqual({ request: { model: "m", inputs }, warnings });
  });

  test("vectors that are packed need not be kept as doubles", () => {
    expect(decoded(openai, { input: "one", encoding_format: "base64" }).request?.float32).toBe(true);
  });

  test("the user is kept", () => {
    expect(decoded(openai, { input: "one", user: "u" }).request?.user).toBe("u");
  });

  const REFUSED: [what: string, body: JsonObject, error: string][] = [
    ["nothing", {}, "missing_required_parameter@input"],
    ["null", { input: null }, "missing_required_parameter@input"],
    ["an empty text", { input: "" }, "invalid_value@input"],
    ["an empty list", { input: [] }, "missing_required_parameter@input"],
    ["an empty text among others", { input: ["one", ""] }, "invalid_value@input[1]"],
    ["an empty list of tokens", { input: [[1], []] }, "invalid_type@input[1]"],
    ["a number", { input: 7 }, "invalid_type@input"],
    ["an object", { input: [{ text: "one" }] }, "invalid_type@input[0]"],
    ["null among texts", { input: ["one", null] }, "invalid_type@input[1]"],
    ["broken token numbers", { input: [1.5] }, "invalid_type@input[0]"],
    ["2,049 texts", { input: Array(2049).fill("x") }, "invalid_value@input"],
    ["an unknown format", { input: "one", encoding_format: "int8" }, "invalid_value@encoding_format"],
    ["no dimensions", { input: "one", dimensions: 0 }, "invalid_value@dimensions"],
    ["half a dimension", { input: "one", dimensions: 1.5 }, "invalid_value@dimensions"],
    ["dimensions as a text", { input: "one", dimensions: "8" }, "invalid_type@dimensions"],
    ["a user that is no text", { input: "one", user: 7 }, "invalid_type@user"],
  ];

  test.each(REFUSED)("%s is refused", (_what, body, error) => {
    expect(decoded(openai, body)).toEqual({ error });
  });

  test("2,048 texts are taken", () => {
    expect(decoded(openai, { input: Array(2048).fill("x") }).request?.inputs).toHaveLength(2048);
  });
});

describe("Google's requests", () => {
  const content = { parts: [{ text: "one" }] };
  const at = (path: string, dimensionsPath = "outputDimensionality", more: Partial<EmbeddingInput> = {}) =>
    textInput("one", path, { dimensionsPath, ...more });

  const TAKEN: [what: string, method: string, body: JsonObject, inputs: EmbeddingInput[], warnings?: string[]][] = [
    ["one", "embedContent", { content }, [at("content")]],
    ["one with its model", "embedContent", { model: "models/m", content }, [at("content")]],
    ["one with a role", "embedContent", { content: { ...content, role: "user" } }, [at("content")]],
    ["dimensions", "embedContent", { content, outputDimensionality: 8 }, [at("content", undefined, { dimensions: 8 })]],
    [
      "dimensions in snake_case",
      "embedContent",
      { content, output_dimensionality: 8 },
      [at("content", "output_dimensionality", { dimensions: 8 })],
    ],
    [
      "dimensions among the newer models' options",
      "embedContent",
      { content, embedContentConfig: { outputDimensionality: 8, taskType: "CLUSTERING" } },
      [at("content", "embedContentConfig.outputDimensionality", { dimensions: 8 })],
      ["param_dropped@embedContentConfig.taskType"],
    ],
    [
      "a task and a title",
      "embedContent",
      { content, taskType: "RETRIEVAL_DOCUMENT", title: "T" },
      [at("content")],
      ["param_dropped@taskType", "param_dropped@title"],
    ],
    [
      "two parts",
      "embedContent",
      { content: { parts: [{ text: "one" }, { text: "two" }] } },
      [textInput("one\ntwo", "content", { dimensionsPath: "outputDimensionality" })],
      ["part_converted@content.parts"],
    ],
    [
      "a batch",
      BATCH,
      {
        requests: [
          { model: "models/m", content, taskType: "CLUSTERING" },
          { content, outputDimensionality: 4 },
        ],
      },
      [
        at("requests[0].content", "requests[0].outputDimensionality"),
        at("requests[1].content", "requests[1].outputDimensionality", { dimensions: 4 }),
      ],
      ["param_dropped@requests[0].taskType"],
    ],
  ];

  test.each(TAKEN)("%s", (_what, method, body, inputs, warnings = []) => {
    expect(decoded(google, body, method)).toEqual({ request: { model: "m", inputs }, warnings });
  });

  const REFUSED: [what: string, method: string, body: JsonObject, error: string][] = [
    ["no content", "embedContent", { requests: [{ content }] }, "missing_required_parameter@content"],
    ["no content in a batch", BATCH, { requests: [{}] }, "missing_required_parameter@requests[0].content"],
    ["an empty batch", BATCH, { requests: [] }, "missing_required_parameter@requests"],
    ["no batch", BATCH, { content }, "missing_required_parameter@requests"],
    ["2,049 requests", BATCH, { requests: Array(2049).fill({ content }) }, "invalid_value@requests"],
    ["no text", "embedContent", { content: { parts: [] } }, "invalid_value@content.parts"],
    ["an empty text", "embedContent", { content: { parts: [{ text: "" }] } }, "invalid_value@content.parts"],
    ["a text as content", "embedContent", { content: "one" }, "invalid_type@content"],
    [
      "a picture",
      "embedContent",
      { content: { parts: [{ text: "one" }, { inlineData: { mimeType: "image/png", data: "" } }] } },
      "modality_unsupported@content.parts[1].inlineData",
    ],
    [
      "a file in a batch",
      BATCH,
      { requests: [{ content: { parts: [{ file_data: { file_uri: "x" } }] } }] },
      "modality_unsupported@requests[0].content.parts[0].file_data",
    ],
    ["another model", "embedContent", { model: "models/n", content }, "invalid_value@model"],
    ["another model in a batch", BATCH, { requests: [{ model: "n", content }] }, "invalid_value@requests[0].model"],
    ["no dimensions", "embedContent", { content, outputDimensionality: -1 }, "invalid_value@outputDimensionality"],
  ];

  test.each(REFUSED)("%s is refused", (_what, method, body, error) => {
    expect(decoded(google, body, method)).toEqual({ error });
  });
});

describe("calls to providers", () => {
  const two = [textInput("one", "input[0]"), textInput("two", "input[1]")];
  const options = { model: "e", dimensions: undefined, user: undefined };

  test("OpenAI's", () => {
    expect(openai.encodeCall(two, options)).toEqual({
      body: { model: "e", input: ["one", "two"], encoding_format: "float" },
    });
    expect(openai.encodeCall(two, { model: "e", dimensions: 8, user: "u" }).body).toMatchObject({
      dimensions: 8,
      user: "u",
    });
  });

  test("Google's", () => {
    expect(google.encodeCall(two, { ...options, dimensions: 8, user: "u" })).toEqual({
      method: BATCH,
      body: {
        requests: ["one", "two"].map((text) => ({
          model: "models/e",
          content: { parts: [{ text }] },
          outputDimensionality: 8,
        })),
      },
    });
  });

  test("Google is given no token numbers", () => {
    const { request } = decoded(openai, { input: ["one", [1, 2]] });
    expect(() => google.encodeCall(request?.inputs ?? [], options)).toThrowError(
      expect.objectContaining({ code: "token_input_unsupported", param: "input[1]", status: 400 }),
    );
  });
});

const floats = (...values: number[]) => Buffer.from(new Float32Array(values).buffer).toString("base64");

describe("answers of providers", () => {
  const READ: [what: string, codec: typeof openai, body: unknown, vectors: number[][] | null][] = [
    ["OpenAI's", openai, { data: [{ index: 0, embedding: [1, 2] }] }, [[1, 2]]],
    ["in base64", openai, { data: [{ index: 0, embedding: floats(1, -0.5) }] }, [[1, -0.5]]],
    ["without an index", openai, { data: [{ embedding: [1] }, { embedding: [2] }] }, [[1], [2]]],
    [
      "out of order",
      openai,
      {
        data: [
          { index: 1, embedding: [1] },
          { index: 0, embedding: [2] },
        ],
      },
      [[2], [1]],
    ],
    [
      "twice the same",
      openai,
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [2] },
        ],
      },
      null,
    ],
    ["beyond the end", openai, { data: [{ index: 9, embedding: [1] }] }, null],
    ["broken base64", openai, { data: [{ index: 0, embedding: "?" }] }, null],
    ["base64 of half a float", openai, { data: [{ index: 0, embedding: "AAA=" }] }, null],
    ["a float that is no number", openai, { data: [{ index: 0, embedding: floats(1, Number.NaN) }] }, null],
    ["an empty vector", openai, { data: [{ index: 0, embedding: [] }] }, null],
    ["texts in a vector", openai, { data: [{ index: 0, embedding: ["1"] }] }, null],
    ["nothing", openai, undefined, []],
    ["Google's", google, { embeddings: [{ values: [1] }, { values: [2] }] }, [[1], [2]]],
    ["an empty one of Google's", google, { embeddings: [{}] }, null],
    ["nothing of Google's", google, {}, []],
  ];

  test.each(READ)("%s", (_what, codec, body, vectors) => {
    expect(codec.decodeVectors(body)).toEqual(vectors);
  });
});

describe("answers to clients", () => {
  const usage = { input: { total: 7, uncached: 7, cacheRead: 0, cacheWrite: 0 }, output: { total: 0 } };
  const vectors = [
    [0.1, -2],
    [3, 4.5],
  ];
  const answer = (codec: typeof openai, body: JsonObject, method?: string, some = vectors) =>
    JSON.parse(
      [...codec.encodeAnswer({ model: 'the "m"', vectors: some, usage }, { model: "m", method }, body)].join(""),
    );

  test("OpenAI's, as numbers and in base64", () => {
    const rest = { object: "list", model: 'the "m"', usage: { prompt_tokens: 7, total_tokens: 7 } };
    const data = (embed: (vector: number[]) => unknown) =>
      vectors.map((vector, index) => ({ object: "embedding", index, embedding: embed(vector) }));
    expect(answer(openai, {})).toEqual({ ...rest, data: data((vector) => vector) });
    expect(answer(openai, { encoding_format: "float" })).toEqual({ ...rest, data: data((vector) => vector) });
    // With padding: Python's decoder insists on it.
    expect(answer(openai, { encoding_format: "base64" })).toEqual({ ...rest, data: data((v) => floats(...v)) });
  });

  test("Google's, one and many", () => {
    const usageMetadata = { promptTokenCount: 7, promptTokenDetails: [{ modality: "TEXT", tokenCount: 7 }] };
    expect(answer(google, {}, "embedContent", [[1, 2]])).toEqual({ embedding: { values: [1, 2] }, usageMetadata });
    expect(answer(google, {}, BATCH)).toEqual({ embeddings: vectors.map((values) => ({ values })), usageMetadata });
  });
});
