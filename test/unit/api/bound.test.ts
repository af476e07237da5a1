import { describe, expect, test } from "vitest";
import { boundOf, priceFor } from "../../../worker/api/inference/bound.ts";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Fees } from "../../../worker/catalog/fees.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import type { Operation } from "../../../worker/dialects/dialect.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import { providers } from "../../../worker/providers/registry.ts";
import { readModelName } from "../../../worker/router/resolve.ts";
import { PNG, wav } from "../../support/bounds/media.ts";
import { standInPrice } from "../../support/bounds/stand-ins.ts";

const NOW = Date.UTC(2026, 10, 23);

interface Options {
  operation?: Operation;
  /** In place of the body's own length. */
  bytes?: number;
  /** A price for a model that the catalogue does not have. */
  priced?: boolean;
  /** Fees in place of the listed ones, in pico-USD a call. */
  fees?: Fees;
}

/** The bounds of a body as it comes from a client. */
function boundsOf(dialect: DialectId, name: string, body: Record<string, unknown>, options: Options = {}) {
  const { operation = "generate", priced = false } = options;
  const [prefix = "", ...rest] = readModelName(name).split("/");
  const provider = providers[prefix as keyof typeof providers];
  const upstreamModel = rest.join("/");
  const model = findModel(provider.id, upstreamModel);
  const { readRequest, requestFeatures } = dialects[dialect];
  const price = priced ? standInPrice(provider.id) : priceFor(model, NOW);
  return boundOf({
    operation,
    facts: readRequest(body, { operation }),
    features: requestFeatures(body, operation),
    provider,
    upstreamModel,
    model,
    price: price === null || options.fees === undefined ? price : { ...price, fees: options.fees },
    bytes: options.bytes ?? new TextEncoder().encode(JSON.stringify(body)).byteLength,
    counted: null,
  });
}

const user = (content: unknown) => [{ role: "user", content }];
const chat = (model: string, body: object, options?: Options) =>
  boundsOf("openai-chat", model, { messages: user("Hello"), ...body }, options);
const messages = (model: string, body: object, options?: Options) =>
  boundsOf("anthropic-messages", model, { max_tokens: 100, messages: user("Hello"), ...body }, options);
const responses = (model: string, body: object, options?: Options) =>
  boundsOf("openai-responses", model, { input: "Hello", ...body }, options);
const gemini = (model: string, body: object, options?: Options) =>
  boundsOf(
    "google-generate-content",
    model,
    { contents: [{ role: "user", parts: [{ text: "Hello" }] }], ...body },
    options,
  );

describe("text", () => {
  test("a byte of the body is a token, and 64 more; the window at most", () => {
    expect(chat("openai/gpt-4.1", {}, { bytes: 500 }).bound.inputTokens).toBe(564);
    expect(chat("openai/gpt-4.1", {}, { bytes: 30_000_000 }).bound.inputTokens).toBe(1_047_576);
  });

  test("a model that nobody knows has no window, and its text still a bound", () => {
    const { bound, unboundedBy } = chat("compatible/some-model", {}, { bytes: 30_000_000 });
    expect([bound.inputTokens, unboundedBy]).toEqual([30_001_024, null]);
  });

  test("references of a schema may be written out where the request is translated", () => {
    const tools = [{ name: "f", input_schema: { $defs: { a: {} }, properties: { b: { $ref: "#/$defs/a" } } } }];
    const own = messages("anthropic/claude-opus-5-5", { tools }).bound.inputTokens;
    expect(messages("google/gemini-3.8-flash", { tools }).bound.inputTokens).toBeGreaterThan(own + 99_000);
  });
});

describe("output", () => {
  const terms = (bounds: ReturnType<typeof boundsOf>) => bounds.output;

  test.each([
    ["the client's cap", chat("openai/gpt-4.1", { max_tokens: 100 }), { requested: 100, assumed: 100 }],
    [
      "the higher of two caps",
      chat("openai/gpt-4.1", { max_tokens: 100, max_completion_tokens: 5 }),
      { requested: 100 },
    ],
    ["none: the model's maximum", chat("openai/gpt-4.1", {}), { requested: null, assumed: 32_768 }],
    ["none, and nobody knows the model", chat("compatible/m", {}), { requested: null, assumed: 32_000, picoEach: 0 }],
    [
      "zero is no cap to Google",
      gemini("google/gemini-3.8-flash", { generationConfig: { maxOutputTokens: 0 } }),
      { requested: null },
    ],
    [
      "zero warms a cache at Anthropic",
      messages("anthropic/claude-opus-5-5", { max_tokens: 0 }),
      { requested: 0, assumed: 0 },
    ],
    ["several answers", chat("openai/gpt-4.1", { n: 3, max_tokens: 7 }), { candidates: 3 }],
    [
      "no answers are one",
      gemini("google/gemini-3.8-flash", { generationConfig: { candidateCount: 0 } }),
      { candidates: 1 },
    ],
    [
      "a cap of nonsense",
      chat("openai/gpt-4.1", { max_tokens: 1e15, n: 1e15 }),
      { assumed: 10_000_000, candidates: 1_000 },
    ],
    ["OpenAI's least", chat("openai/gpt-4.1", {}), { least: 16 }],
    ["one elsewhere", gemini("google/gemini-3.8-flash", {}), { least: 1 }],
    [
      "a thinking budget stays below the cap",
      messages("anthropic/claude-sonnet-4-5", {
        max_tokens: 5_000,
        thinking: { type: "enabled", budget_tokens: 2_048 },
      }),
      { least: 2_049 },
    ],
    [
      "Gemini's too",
      gemini("google/gemini-2.5-pro", { generation_config: { thinking_config: { thinking_budget: 512 } } }),
      { least: 513 },
    ],
    ["text costs what text costs", chat("openai/gpt-audio", { modalities: ["text"] }), { picoEach: 10_000_000 }],
    ["sound what sound costs", chat("openai/gpt-audio", { modalities: ["text", "audio"] }), { picoEach: 64_000_000 }],
    ["a model that speaks may speak unasked", chat("openai/gpt-audio", {}), { picoEach: 64_000_000 }],
    [
      "pictures",
      gemini("google/gemini-3-pro-image", { generationConfig: { responseModalities: ["IMAGE"] } }),
      { picoEach: 120_000_000 },
    ],
  ])("%s", (_what, bounds, expected) => {
    expect(terms(bounds)).toMatchObject(expected);
  });

  test("a cap beyond what any model writes is held as the most that one could", () => {
    const { output } = chat("openai/gpt-4.1", { max_tokens: 1e15 });
    expect([output?.requested, output?.assumed]).toEqual([10_000_000, 10_000_000]);
  });

  test("tokens are the cap times the answers, and what of a prediction is not taken", () => {
    expect(chat("openai/gpt-4.1", { max_tokens: 100, n: 3 }).bound.outputTokens).toBe(300);
    const predicted = chat("openai/gpt-4.1", { max_tokens: 100, prediction: { type: "content", content: "abc" } });
    expect(predicted.bound.outputTokens).toBe(100 + 34);
  });
});

describe("media", () => {
  const picture = (url: string, detail?: string) => ({
    messages: user([{ type: "image_url", image_url: { url, detail } }]),
  });
  const added = (bounds: ReturnType<typeof boundsOf>) => bounds.bound.inputTokens;

  test.each([
    // 64 for the request, 64 around a picture.
    ["OpenAI, of one dot", chat("openai/gpt-5.4", picture(PNG), { bytes: PNG.length }), 22 + 128 + 1_445],
    ["OpenAI, at an address", chat("openai/gpt-5.4", picture("https://a.example/b"), { bytes: 0 }), 128 + 24_600],
    [
      "OpenAI, looked at briefly",
      chat("openai/gpt-5.4", picture("https://a.example/b", "low"), { bytes: 0 }),
      128 + 630,
    ],
    ["the dear small one", chat("openai/gpt-4o-mini", picture("https://a.example/b"), { bytes: 0 }), 128 + 48_169],
    [
      "Anthropic, at an address",
      messages(
        "anthropic/claude-opus-5-5",
        { messages: user([{ type: "image", source: { type: "url", url: "https://a" } }]) },
        { bytes: 0 },
      ),
      128 + 4_784,
    ],
    [
      "a reseller's model counts as its maker's",
      chat("openrouter/anthropic/claude-opus-5.5", picture("https://a.example/b"), { bytes: 0 }),
      1_024 + 64 + 4_784,
    ],
    ["an open model's window", chat("openrouter/z-ai/glm-4.7", picture("https://a.example/b"), { bytes: 0 }), 204_800],
  ])("an image: %s", (_what, bounds, tokens) => {
    expect([bounds.unboundedBy, added(bounds)]).toEqual([null, tokens]);
  });

  test("what is in base64 is no text", () => {
    const content = [{ type: "input_audio", input_audio: { data: wav(1_000_000), format: "wav" } }];
    const { bound } = chat("openai/gpt-audio", { messages: user(content) });
    // A second of sound has a thousand bytes at least, and ten tokens.
    expect(bound.inputTokens).toBeLessThan(10_000 + 500);
    expect(bound.inputTokens).toBeGreaterThan(10_000);
  });

  test("sound is dearer than the text around it", () => {
    const content = [{ type: "input_audio", input_audio: { data: wav(100_000), format: "wav" } }];
    const { bound } = chat("openai/gpt-audio", { messages: user(content), max_tokens: 1 }, { bytes: 200_000 });
    const text = 200_000 - wav(100_000).length + 64;
    // 1,001 tokens (the padding counts as sound) and 64 around them at 32, text at 2.5, a token out at 64 micro-USD.
    expect(bound.costNano).toBe((1_065 * 32 + 64) * 1_000 + text * 2_500);
  });

  test.each([
    [
      "a PDF",
      messages("anthropic/claude-haiku-4-5", {
        messages: user([
          { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0x" } },
        ]),
      }),
    ],
    [
      "a file's id",
      messages("anthropic/claude-haiku-4-5", {
        messages: user([{ type: "document", source: { type: "file", file_id: "file_1" } }]),
      }),
    ],
    [
      "inside a tool's result",
      messages("anthropic/claude-haiku-4-5", {
        messages: user([
          {
            type: "tool_result",
            tool_use_id: "a",
            content: [{ type: "document", source: { type: "url", url: "https://a" } }],
          },
        ]),
      }),
    ],
  ])("%s can fill the window", (_what, { bound, unboundedBy }) => {
    expect([bound.inputTokens, unboundedBy]).toEqual([200_000, null]);
  });

  test("a reseller may have a document read for a fee by the page", () => {
    const file = { messages: user([{ type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0x" } }]) };
    expect(chat("openrouter/anthropic/claude-opus-5.5", file).unboundedBy).toBe("messages[0].content[0].file");
    expect(chat("openai/gpt-5.4", file).unboundedBy).toBeNull();
  });

  test("without a window there is no bound", () => {
    const film = { contents: [{ parts: [{ file_data: { file_uri: "https://youtu.be/x" } }] }] };
    expect(gemini("google/gemini-9", film).unboundedBy).toBe("contents[0].parts[0].file_data");
    expect(chat("compatible/m", picture("https://a.example/b")).unboundedBy).toBe("messages[0].content[0].image_url");
    expect(responses("openai/gpt-9", { previous_response_id: "resp_1" }).unboundedBy).toBe("previous_response_id");
  });
});

describe("stored state can fill the window", () => {
  test.each([
    ["an earlier answer", responses("openai/gpt-5.4", { previous_response_id: "resp_1" }), 1_050_000],
    ["a conversation", responses("openai/gpt-5.4", { conversation: { id: "conv_1" } }), 1_050_000],
    ["an item", responses("openai/gpt-5.4", { input: [{ type: "item_reference", id: "a" }] }), 1_050_000],
    [
      "an earlier picture",
      responses("openai/gpt-5.4", { input: [{ type: "image_generation_call", id: "ig_1" }] }),
      null,
    ],
    ["cached content", gemini("google/gemini-3.8-flash", { cached_content: "cachedContents/1" }), 1_048_576],
    ["a container", messages("anthropic/claude-haiku-4-5", { container: "container_1" }), 200_000],
  ])("%s", (_what, { bound, unboundedBy }, tokens) => {
    expect(unboundedBy).toBeNull();
    if (tokens !== null) expect(bound.inputTokens).toBe(tokens);
  });
});

describe("server tools", () => {
  const search = (more: object = {}) => ({ tools: [{ type: "web_search_20250305", name: "web_search", ...more }] });

  test.each([
    ["a search without a cap", messages("anthropic/claude-opus-5-5", search()), "tools[0]"],
    ["a cap that a translation leaves out", messages("openai/gpt-5.4", search({ max_uses: 2 })), "tools[0]"],
    [
      "a cap that a reseller may not keep",
      messages("openrouter/anthropic/claude-opus-5.5", search({ max_uses: 2 })),
      "tools[0]",
    ],
    ["an MCP server", messages("anthropic/claude-opus-5-5", { mcp_servers: [{ url: "https://a" }] }), "mcp_servers[0]"],
    [
      "an advisor, who costs what another model costs",
      messages("anthropic/claude-opus-5-5", { tools: [{ type: "advisor_20260301", max_uses: 1 }] }),
      "tools[0]",
    ],
    [
      "code, billed by the hour",
      messages("anthropic/claude-opus-5-5", { tools: [{ type: "code_execution_20260120", max_uses: 1 }] }),
      "tools[0]",
    ],
    ["a search with Responses", responses("openai/gpt-5.4", { tools: [{ type: "web_search" }] }), "tools[0]"],
    [
      "pictures, at another model's price",
      responses("openai/gpt-5.4", { tools: [{ type: "image_generation" }], max_tool_calls: 1 }),
      "tools[0]",
    ],
    ["a kept prompt, which may have tools", responses("openai/gpt-5.4", { prompt: { id: "pmpt_1" } }), "prompt"],
    ["a search with Chat", chat("openai/gpt-5.4", { web_search_options: {} }), "web_search_options"],
    [
      "Google's search",
      gemini("google/gemini-3.8-flash", { tools: [{ google_search: {} }] }),
      "tools[0].google_search",
    ],
    ["OpenRouter's plugin", chat("openrouter/z-ai/glm-4.7", { plugins: [{ id: "web" }] }), "plugins[0]"],
    [
      "a plugin that is switched off",
      chat("openrouter/z-ai/glm-4.7", { plugins: [{ id: "web", enabled: false }] }),
      null,
    ],
    ["other models to take", chat("openrouter/z-ai/glm-4.7", { models: ["openai/gpt-6-astra"] }), "models"],
    [
      "tools that the client runs",
      messages("anthropic/claude-opus-5-5", { tools: [{ type: "bash_20250124", name: "bash" }] }),
      null,
    ],
    [
      "a shell of the client's",
      responses("openai/gpt-5.4", { tools: [{ type: "shell", environment: { type: "local" } }] }),
      null,
    ],
    ["a shell of OpenAI's", responses("openai/gpt-5.4", { tools: [{ type: "shell" }] }), "tools[0]"],
  ])("%s", (_what, { unboundedBy }, path) => {
    expect(unboundedBy).toBe(path);
  });

  test("each call reads the window again, answers again, and has its fee", () => {
    const body = { ...search({ max_uses: 3 }), max_tokens: 100 };
    const { bound, output, unboundedBy } = messages("anthropic/claude-haiku-4-5", body, { bytes: 1_000 });
    expect(unboundedBy).toBeNull();
    // The request, the explanation of tools, and the description of the search.
    const first = 1_000 + 64 + 1_000 + 3_000;
    expect(bound.inputTokens).toBe(first + 3 * 200_000);
    expect([bound.outputTokens, output?.candidates]).toEqual([400, 4]);
    // In at 1, out at 5 micro-USD; 0.01 USD a search.
    expect(bound.costNano).toBe((first + 600_000) * 1_000 + 400 * 5_000 + 3 * 10_000_000);
  });

  test.each<[string, Fees, number]>([
    ["of each search", { webSearch: 10_000_000_000n }, 3 * 10_000_000],
    ["of a request that searches, however often", { groundedRequest: 50_000_000_000n }, 50_000_000],
    ["of both", { webSearch: 10_000_000_000n, groundedRequest: 50_000_000_000n }, 3 * 10_000_000 + 50_000_000],
  ])("the fee %s", (_what, fees, nano) => {
    const cost = (more: Fees) =>
      messages("anthropic/claude-haiku-4-5", search({ max_uses: 3 }), { bytes: 1_000, fees: more }).bound.costNano;
    expect(cost(fees) - cost({ webSearch: 0n })).toBe(nano);
    expect(messages("anthropic/claude-haiku-4-5", search({ max_uses: 3 }), { fees: {} }).unboundedBy).toBe("tools[0]");
  });

  test("OpenAI's one cap holds for all tools together", () => {
    const tools = [{ type: "web_search" }, { type: "file_search" }, { type: "code_interpreter" }];
    const { bound, unboundedBy } = responses("openai/gpt-5.4-mini", { tools, max_tool_calls: 2 }, { bytes: 100 });
    expect([unboundedBy, bound.inputTokens]).toEqual([null, 100 + 64 + 9_000 + 2 * 400_000]);
  });

  test("a compaction is one call more", () => {
    const body = { context_management: { edits: [{ type: "compact_20260112" }] } };
    expect(messages("anthropic/claude-haiku-4-5", body, { bytes: 0 }).bound.inputTokens).toBe(64 + 3_000 + 200_000);
  });

  test("a cap of nonsense is none that weighs", () => {
    const { bound } = messages("anthropic/claude-opus-5-5", search({ max_uses: 1e15 }));
    expect(bound.costNano).toBeLessThan(2 ** 53 - 1);
  });
});

describe("the dearest rate that can apply", () => {
  const marked = (ttl?: string) => ({
    system: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl } }],
  });
  const inputNano = (bounds: ReturnType<typeof boundsOf>) => bounds.bound.costNano;

  test.each([
    ["no cache", messages("anthropic/claude-opus-5-5", { max_tokens: 0 }, { bytes: 936 }), 4_000_000],
    [
      "a cache for minutes",
      messages("anthropic/claude-opus-5-5", { max_tokens: 0, ...marked() }, { bytes: 936 }),
      5_000_000,
    ],
    [
      "a cache for an hour",
      messages("anthropic/claude-opus-5-5", { max_tokens: 0, ...marked("1h") }, { bytes: 936 }),
      8_000_000,
    ],
    [
      "a cache of the whole",
      messages("anthropic/claude-opus-5-5", { max_tokens: 0, cache_control: { type: "ephemeral" } }, { bytes: 936 }),
      5_000_000,
    ],
    ["fast", messages("anthropic/claude-opus-5-5", { max_tokens: 0, speed: "fast" }, { bytes: 936 }), 8_000_000],
    [
      "capacity paid beforehand",
      messages("anthropic/claude-opus-5-5", { max_tokens: 0, service_tier: "auto" }, { bytes: 936 }),
      4_000_000,
    ],
  ])("Anthropic: %s", (_what, bounds, nano) => {
    expect(inputNano(bounds)).toBe(nano);
  });

  const one = { max_output_tokens: 1 };
  test.each([
    // OpenAI writes caches unasked: 1,000 × 2.5 and 1 × 10.
    ["standard", responses("openai/gpt-6-sol", one, { bytes: 936 }), 2_510_000],
    [
      "auto is the account's own affair",
      responses("openai/gpt-6-sol", { ...one, service_tier: "auto" }, { bytes: 936 }),
      2_510_000,
    ],
    ["priority", responses("openai/gpt-6-sol", { ...one, service_tier: "priority" }, { bytes: 936 }), 5_020_000],
    [
      "flex may not be given",
      responses("openai/gpt-6-sol", { ...one, service_tier: "flex" }, { bytes: 936 }),
      2_510_000,
    ],
    [
      "a cache for twelve hours",
      responses("openai/gpt-6.1-terra", { ...one, prompt_cache_options: { ttl: "12h" } }, { bytes: 936 }),
      2_505_000,
    ],
    ["half an hour otherwise", responses("openai/gpt-6.1-terra", one, { bytes: 936 }), 1_255_000],
    ["a long request", responses("openai/gpt-6-sol", one, { bytes: 272_001 - 64 }), 272_001 * 5_000 + 15_000],
    ["the longest that is not", responses("openai/gpt-6-sol", one, { bytes: 272_000 - 64 }), 272_000 * 2_500 + 10_000],
  ])("OpenAI: %s", (_what, bounds, nano) => {
    expect(inputNano(bounds)).toBe(nano);
  });

  test("a faster service without a price is no bound", () => {
    expect(gemini("google/gemini-3.8-flash", { serviceTier: "SERVICE_TIER_PRIORITY" }).unboundedBy).toBe("serviceTier");
    expect(responses("openai/gpt-5.4-nano", { service_tier: "priority" }).unboundedBy).toBe("service_tier");
    expect(messages("anthropic/claude-haiku-4-5", { speed: "fast" }).unboundedBy).toBe("speed");
  });
});

/** Google takes these, though its own clients write none of them. */
describe("Gemini's other spellings hold what the usual ones do", () => {
  const film = { mimeType: "video/mp4", fileUri: "https://a/b" };
  const part = (one: object) => ({ contents: [{ role: "user", parts: [one] }] });
  const config = (one: object) => ({ generationConfig: one });
  test.each<[string, object, object]>([
    ["a number in quotes", config({ candidateCount: "8" }), config({ candidateCount: 8 })],
    ["null under the other name, of a film", part({ fileData: null, file_data: film }), part({ fileData: film })],
    ["null under the other name, of a cache", { cachedContent: null, cached_content: "x" }, { cachedContent: "x" }],
    [
      "null under the other name, of a service",
      { serviceTier: null, service_tier: "priority" },
      { serviceTier: "priority" },
    ],
    ["a service by its number", { serviceTier: 3 }, { serviceTier: "priority" }],
    ["a kind of output by its number", config({ responseModalities: [2] }), config({ responseModalities: ["IMAGE"] })],
  ])("%s", (_what, odd, usual) => {
    const held = (body: object) => {
      const { bound, output, unboundedBy } = gemini("google/gemini-3-pro-image", body, { bytes: 100 });
      return { bound, output, bounded: unboundedBy === null };
    };
    expect(held(odd)).toEqual(held(usual));
  });
});

describe("embeddings", () => {
  test.each([
    ["openai-embeddings", "openai/text-embedding-3-small", { input: "a" }],
    ["google-generate-content", "google/gemini-embedding-001", { content: { parts: [{ text: "a" }] } }],
    ["openai-embeddings", "compatible/some-model", { input: "a" }],
  ] as const)("%s to %s have no output, and each input its own window", (dialect, name, body) => {
    const { bound, output } = boundsOf(dialect, name, body, { operation: "embed", bytes: 1_000_000 });
    expect(bound.inputTokens).toBeGreaterThanOrEqual(1_000_000);
    expect([bound.outputTokens, output]).toEqual([0, null]);
  });

  test("hold what they can cost", () => {
    const { bound } = boundsOf(
      "openai-embeddings",
      "openai/text-embedding-3-small",
      { input: "a" },
      { operation: "embed", bytes: 999_936 },
    );
    // 0.02 USD per million tokens.
    expect(bound.costNano).toBe(20_000_000);
  });

  test("hold the fee of a request", () => {
    const { bound } = boundsOf(
      "openai-embeddings",
      "openai/text-embedding-3-small",
      { input: "a" },
      { operation: "embed", bytes: 999_936, fees: { request: 10_000_000_000n } },
    );
    expect(bound.costNano).toBe(20_000_000 + 10_000_000);
  });

  test("a film fills the window of its input, at its own rate", () => {
    const one = { content: { parts: [{ inlineData: { mimeType: "video/mp4", data: "AAAA" } }] } };
    const body = { requests: [one, one] };
    const { bound } = boundsOf("google-generate-content", "google/gemini-embedding-2", body, {
      operation: "embed",
      bytes: 4,
    });
    expect(bound.costNano).toBeGreaterThanOrEqual(2 * 8_192 * 12_000);
  });
});

test("a count holds nothing, so that it costs nothing when nobody settles it", () => {
  const nothing = { inputTokens: 0, outputTokens: 0, costNano: 0 };
  const counted = responses("openai/gpt-6.1-sol", { tools: [{ type: "web_search" }] }, { operation: "count_tokens" });
  expect(counted).toEqual({ bound: nothing, output: null, unboundedBy: null });
});

test("a price of the organization's own bounds a model that the catalogue does not have", () => {
  const { bound } = chat("compatible/m", { max_tokens: 10 }, { bytes: 1_000, priced: true });
  // Nobody knows what its cache does: the dearest write, 7; out at 64, for nobody knows what it says.
  expect(bound.costNano).toBe(2_024 * 7_000 + 10 * 64_000);
});
