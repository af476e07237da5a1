import { describe, expect, test } from "vitest";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import type { CatalogModel } from "../../../worker/catalog/models.ts";
import type { Operation } from "../../../worker/dialects/dialect.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import type { ProviderId } from "../../../worker/providers/provider.ts";
import { providers } from "../../../worker/providers/registry.ts";
import { type Lack, lacks, needsOf } from "../../../worker/router/can-serve.ts";

/** A model that can do nothing but read and write text. */
const PLAIN: CatalogModel = {
  ...{ id: "openai/plain", provider: "openai", upstreamId: "plain", displayName: "Plain", kind: "chat" },
  ...{ inputModalities: ["text"], outputModalities: ["text"], prices: [] },
  capabilities: { tools: false, structuredOutput: false },
};
const ALL: CatalogModel = {
  ...PLAIN,
  ...{ inputModalities: ["text", "image", "pdf", "audio", "video"], outputModalities: ["text", "image", "audio"] },
  capabilities: { tools: true, structuredOutput: true },
};

interface Asked {
  provider?: ProviderId;
  operation?: Operation;
}

function lack(model: CatalogModel | null, dialect: DialectId, body: JsonObject, asked: Asked = {}): Lack | null {
  const { provider = "openai", operation = "generate" } = asked;
  const features = dialects[dialect].requestFeatures(body, operation);
  const needs = needsOf(operation, body, features, JSON.stringify(body).length);
  return lacks({ model, provider: providers[provider] }, needs);
}

const chat = (...content: JsonObject[]) => ({ messages: [{ role: "user", content }] });
const messages = chat;
const gemini = (...parts: JsonObject[]) => ({ contents: [{ role: "user", parts }] });
const PDF = { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0=" } };
const FUNCTION = { type: "function", function: { name: "f", parameters: {} } };

describe("a model that is known to do no more than text", () => {
  test.each<[DialectId, JsonObject, Lack | null]>([
    ["openai-chat", chat({ type: "text", text: "a" }), null],
    ["openai-chat", chat({ type: "image_url", image_url: { url: "https://a.example/b.png" } }), "image_input"],
    ["openai-chat", chat(PDF), "document_input"],
    ["openai-chat", chat({ type: "file", file: { file_data: "data:text/plain;base64,YQ==" } }), null],
    ["openai-chat", chat({ type: "input_audio", input_audio: { format: "mp3", data: "AAAA" } }), "audio_input"],
    ["openai-chat", chat({ type: "video_url", video_url: { url: "https://a.example/b.mp4" } }), "video_input"],
    ["openai-chat", { ...chat(), tools: [FUNCTION] }, "tools"],
    ["openai-chat", { ...chat(), tools: [] }, null],
    ["openai-chat", { ...chat(), response_format: { type: "json_schema", json_schema: {} } }, "structured_output"],
    ["openai-chat", { ...chat(), response_format: { type: "json_object" } }, null],
    ["openai-chat", { ...chat(), modalities: ["text", "audio"] }, "audio_output"],
    ["openai-chat", { ...chat(), modalities: ["text"] }, null],
    ["openai-responses", { input: "a", text: { format: { type: "text" } } }, null],
    ["openai-responses", { input: "a", text: { format: { type: "json_schema", schema: {} } } }, "structured_output"],
    ["openai-responses", { input: "a", tools: [{ type: "computer" }] }, "tools"],
    ["anthropic-messages", messages({ type: "image", source: { type: "base64", data: "AAAA" } }), "image_input"],
    [
      "anthropic-messages",
      messages({ type: "document", source: { type: "url", url: "https://a.example" } }),
      "document_input",
    ],
    ["anthropic-messages", messages({ type: "document", source: { type: "text", data: "a" } }), null],
    ["anthropic-messages", { ...messages(), output_format: { type: "json_schema", schema: {} } }, "structured_output"],
    ["google-generate-content", gemini({ inlineData: { mimeType: "audio/wav", data: "AAAA" } }), "audio_input"],
    ["google-generate-content", gemini({ inlineData: { mimeType: "text/csv", data: "AAAA" } }), null],
    ["google-generate-content", gemini({ fileData: { mimeType: "image/png", fileUri: "u" } }), "image_input"],
    ["google-generate-content", gemini({ fileData: { fileUri: "u" } }), null],
    [
      "google-generate-content",
      { ...gemini(), generationConfig: { responseSchema: { type: "OBJECT" } } },
      "structured_output",
    ],
    ["google-generate-content", { ...gemini(), generationConfig: { responseModalities: ["IMAGE"] } }, "image_output"],
    ["google-generate-content", { ...gemini(), tools: [{ functionDeclarations: [{ name: "f" }] }] }, "tools"],
  ])("in %s, for %j, lacks %j", (dialect, body, expected) => {
    expect(lack(PLAIN, dialect, body)).toBe(expected);
    // Who can do all of it lacks nothing, and of whom nothing is known is tried.
    expect(lack(ALL, dialect, body)).toBeNull();
    expect(lack(null, dialect, body)).toBeNull();
  });
});

test("what the catalogue does not say is not held against a model", () => {
  const { capabilities: _, outputModalities: __, ...unsaid } = PLAIN;
  const body = { ...chat(), tools: [FUNCTION], response_format: { type: "json_schema" }, modalities: ["audio"] };
  expect(lack(unsaid, "openai-chat", body)).toBeNull();
});

test("documents are read by models that can see, and where their host reads them", () => {
  expect(lack({ ...PLAIN, inputModalities: ["text", "image"] }, "openai-chat", chat(PDF))).toBeNull();
  expect(lack(PLAIN, "openai-chat", chat(PDF), { provider: "openrouter" })).toBeNull();
});

test.each<[CatalogModel["kind"], Operation, Lack | null]>([
  ["embedding", "generate", "generation"],
  ["moderation", "count_tokens", "generation"],
  ["image", "generate", null],
  ["embedding", "embed", null],
  ["chat", "embed", "embeddings"],
])("a model of kind %s, asked to %s, lacks %j", (kind, operation, expected) => {
  expect(lack({ ...PLAIN, kind }, "google-generate-content", gemini({ text: "a" }), { operation })).toBe(expected);
});

test.each<[DialectId, JsonObject, ProviderId, Lack | null]>([
  ["anthropic-messages", { ...messages(), container: "c" }, "openrouter", "stored_state"],
  ["anthropic-messages", { ...messages(), container: "c" }, "anthropic", null],
  ["openai-chat", { messages: [{ role: "assistant", audio: { id: "audio_1" } }] }, "compatible", "stored_state"],
  ["openai-chat", { messages: [{ role: "assistant", audio: { id: "audio_1" } }] }, "openai", null],
  ["openai-responses", { previous_response_id: "resp_1" }, "openrouter", "stored_state"],
  ["google-generate-content", { ...gemini(), cachedContent: "cachedContents/a" }, "google", null],
])("%s: %j at %s lacks %j", (dialect, body, provider, expected) => {
  expect(lack(null, dialect, body, { provider })).toBe(expected);
});

describe("a conversation of some 1,000 tokens", () => {
  /** 4,000 bytes. */
  const said = (more: JsonObject = {}) => {
    const empty = JSON.stringify({ input: "", ...more }).length;
    return { input: "x".repeat(4_000 - empty), ...more };
  };

  test.each<[string, Partial<CatalogModel>, JsonObject, Operation, boolean]>([
    ["fits with room for a token", { contextWindow: 1_001 }, {}, "generate", true],
    ["does not without", { contextWindow: 1_000 }, {}, "generate", false],
    ["needs no room to be counted", { contextWindow: 1_000 }, {}, "count_tokens", true],
    ["does not fit where less may be read", { contextWindow: 9_000, maxInputTokens: 999 }, {}, "generate", false],
    ["fits where just as much may be", { contextWindow: 9_000, maxInputTokens: 1_000 }, {}, "generate", true],
    ["fits where nobody knows the window", {}, {}, "generate", true],
    ["fits where the provider cuts it", { contextWindow: 500 }, { truncation: "auto" }, "generate", true],
    [
      "fits where the provider sums it up",
      { contextWindow: 500 },
      { context_management: [{ type: "compaction" }] },
      "generate",
      true,
    ],
    ["fits whatever answer is allowed", { contextWindow: 1_001 }, { max_output_tokens: 90_000 }, "generate", true],
  ])("%s", (_, window, more, operation, fits) => {
    const model = { ...ALL, ...window };
    expect(lack(model, "openai-responses", said(more), { operation })).toBe(fits ? null : "context_length");
  });

  test("needs room for the thoughts it must have", () => {
    const body = { ...messages({ type: "text", text: "a" }), thinking: { type: "enabled", budget_tokens: 2_000 } };
    expect(lack({ ...ALL, contextWindow: 2_000 }, "anthropic-messages", body)).toBe("context_length");
    expect(lack({ ...ALL, contextWindow: 3_000 }, "anthropic-messages", body)).toBeNull();
  });
});
