import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import { noUsage, type Usage } from "../../../worker/canonical/usage.ts";
import {
  decodeUsage as anthropic,
  encodeUsage,
  mergeUsage,
} from "../../../worker/dialects/anthropic-messages/usage.ts";
import {
  encodeUsage as encodeGoogle,
  decodeUsage as google,
} from "../../../worker/dialects/google-generate-content/usage.ts";
import { decodeUsage as chat, encodeUsage as encodeChat } from "../../../worker/dialects/openai-chat/usage.ts";
import { readAnswer as embeddings } from "../../../worker/dialects/openai-embeddings/response.ts";
import {
  encodeUsage as encodeResponses,
  decodeUsage as responses,
} from "../../../worker/dialects/openai-responses/usage.ts";
import {
  contextFor,
  decodeStream,
  dialectOf,
  encodeStream,
  encodeWhole,
} from "../../support/translation/run-dialect.ts";

/** uncached, cache read, cache write, output, reasoning; null: no usable figures. */
type Buckets = [number, number, number, number, number] | null;

const bucketsOf = (usage: Usage | null): Buckets =>
  usage === null
    ? null
    : [
        usage.input.uncached,
        usage.input.cacheRead,
        usage.input.cacheWrite,
        usage.output.total,
        usage.output.reasoning ?? 0,
      ];

const CHAT: [string, unknown, Buckets][] = [
  ["plain", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, [10, 0, 0, 5, 0]],
  ["no output", { prompt_tokens: 10 }, [10, 0, 0, 0, 0]],
  [
    "reads, writes and reasoning inside the totals",
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    [10, 60, 30, 50, 20],
  ],
  [
    "writes that OpenAI does not reduce by the reads",
    { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 90 } },
    [0, 60, 40, 1, 0],
  ],
  [
    "more cached than there is prompt",
    { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 12 } },
    [0, 10, 0, 1, 0],
  ],
  ["DeepSeek's hits", { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 4 }, [6, 4, 0, 1, 0]],
  [
    "xAI's reasoning beside the completion",
    {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 45,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    [10, 0, 0, 35, 30],
  ],
  [
    "more reasoning than completion stands beside it",
    {
      prompt_tokens: 61,
      completion_tokens: 18,
      total_tokens: 79,
      completion_tokens_details: { reasoning_tokens: 137 },
    },
    [61, 0, 0, 155, 137],
  ],
  ["null details", { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: null }, [1, 0, 0, 1, 0]],
  ["negative", { prompt_tokens: -10, completion_tokens: -5 }, null],
  ["a fraction", { prompt_tokens: 1.5, completion_tokens: 5 }, null],
  ["impossibly large", { prompt_tokens: 1e18, completion_tokens: 1e18 }, null],
  ["a text", { prompt_tokens: "10", completion_tokens: 5 }, null],
  ["a bad output", { prompt_tokens: 10, completion_tokens: null }, null],
  ["an empty object", {}, null],
  ["null", null, null],
];

const RESPONSES: [string, unknown, Buckets][] = [
  ["plain", { input_tokens: 10, output_tokens: 5, total_tokens: 15 }, [10, 0, 0, 5, 0]],
  [
    "everything",
    {
      input_tokens: 100,
      output_tokens: 50,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens_details: { reasoning_tokens: 20 },
    },
    [10, 60, 30, 50, 20],
  ],
  [
    "writes beyond the rest",
    { input_tokens: 100, output_tokens: 1, input_tokens_details: { cached_tokens: 60, cache_write_tokens: 90 } },
    [0, 60, 40, 1, 0],
  ],
  ["one figure of two", { input_tokens: 10 }, null],
  ["negative", { input_tokens: 10, output_tokens: -1 }, null],
  ["null", null, null],
];

const ANTHROPIC: [string, unknown, Buckets][] = [
  ["plain", { input_tokens: 10, output_tokens: 5 }, [10, 0, 0, 5, 0]],
  [
    "cache buckets beside the input",
    {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 20 },
    },
    [10, 60, 30, 50, 20],
  ],
  [
    "nulls, as the newest version writes them",
    {
      input_tokens: 10,
      cache_read_input_tokens: null,
      cache_creation_input_tokens: null,
      output_tokens: 5,
      output_tokens_details: null,
    },
    [10, 0, 0, 5, 0],
  ],
  ["output alone", { output_tokens: 5 }, [0, 0, 0, 5, 0]],
  ["one broken figure spoils all", { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: -1 }, null],
  ["nothing known", { service_tier: "standard" }, null],
  ["null", null, null],
];

const GOOGLE: [string, unknown, Buckets][] = [
  ["plain", { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, [10, 0, 0, 5, 0]],
  [
    "cached inside the prompt, thoughts and tools beside",
    {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      toolUsePromptTokenCount: 7,
      candidatesTokenCount: 30,
      thoughtsTokenCount: 20,
    },
    [47, 60, 0, 50, 20],
  ],
  ["zeros left out", { promptTokenCount: 10 }, [10, 0, 0, 0, 0]],
  ["more cached than prompt", { promptTokenCount: 10, cachedContentTokenCount: 12 }, [0, 10, 0, 0, 0]],
  ["one broken figure spoils all", { promptTokenCount: 10, thoughtsTokenCount: 0.5 }, null],
  ["null", null, null],
];

describe("usage in four disjoint buckets", () => {
  test.each(CHAT)("Chat: %s", (_, raw, buckets) => expect(bucketsOf(chat(raw))).toEqual(buckets));
  test.each(RESPONSES)("Responses: %s", (_, raw, buckets) => expect(bucketsOf(responses(raw))).toEqual(buckets));
  test.each(ANTHROPIC)("Messages: %s", (_, raw, buckets) => expect(bucketsOf(anthropic(raw))).toEqual(buckets));
  test.each(GOOGLE)("Gemini: %s", (_, raw, buckets) => expect(bucketsOf(google(raw))).toEqual(buckets));

  test("embeddings bill their input", () => {
    expect(bucketsOf(embeddings({ usage: { prompt_tokens: 8, total_tokens: 8 } }).usage)).toEqual([8, 0, 0, 0, 0]);
    expect(embeddings({ usage: { prompt_tokens: -8 } }).usage).toBeNull();
    expect(embeddings({ data: [] }).usage).toBeNull();
  });

  const READERS = { chat, responses, anthropic, google };
  const figures = fc.dictionary(
    fc.constantFrom(
      ...`prompt_tokens completion_tokens total_tokens input_tokens output_tokens cache_read_input_tokens
      cache_creation_input_tokens promptTokenCount candidatesTokenCount thoughtsTokenCount cachedContentTokenCount
      toolUsePromptTokenCount prompt_cache_hit_tokens cost`.split(/\s+/),
    ),
    fc.oneof(fc.nat(1000), fc.constantFrom<unknown>(null, -1, 0.5, 1e18, "7", [], {})),
  );
  const details = fc.record(
    Object.fromEntries(
      ["prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"].map(
        (name) => [
          name,
          fc.dictionary(
            fc.constantFrom("cached_tokens", "cache_write_tokens", "reasoning_tokens", "thinking_tokens"),
            fc.oneof(fc.nat(2000), fc.constantFrom<unknown>(null, -1, 0.5)),
          ),
        ],
      ),
    ),
    { requiredKeys: [] },
  );

  test.each(Object.entries(READERS))("%s: buckets are counts, and add up to the total", (_, read) => {
    fc.assert(
      fc.property(figures, details, (flat, nested) => {
        const raw = { ...flat, ...nested };
        const usage = read(raw);
        if (usage === null) return;
        for (const figure of bucketsOf(usage) ?? []) expect(Number.isSafeInteger(figure) && figure >= 0).toBe(true);
        const { total, uncached, cacheRead, cacheWrite } = usage.input;
        expect(uncached + cacheRead + cacheWrite).toBe(total);
        expect(usage.raw).toBe(raw);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what stands beside the tokens", () => {
  test("a stream's later totals replace earlier ones, a null does not", () => {
    const start = { input_tokens: 10, cache_read_input_tokens: 60, output_tokens: 1 };
    const delta = { input_tokens: 12, cache_read_input_tokens: null, output_tokens: 50 };
    expect(bucketsOf(anthropic(mergeUsage(start, delta)))).toEqual([12, 60, 0, 50, 0]);
    expect(mergeUsage(undefined, delta)).toEqual({ input_tokens: 12, output_tokens: 50 });
    expect(mergeUsage(start, undefined)).toEqual(start);
  });

  test("a compaction is billed beside the totals, and clients are told those", () => {
    const made = { type: "compaction", input_tokens: 100, output_tokens: 83, cache_read_input_tokens: 55_096 };
    const said = { type: "message", input_tokens: 181, output_tokens: 8 };
    const advised = { type: "advisor_message", model: "claude-opus-4-8", input_tokens: 2_543, output_tokens: 18 };
    const raw = { input_tokens: 181, output_tokens: 8, cache_read_input_tokens: 0, iterations: [made, said, advised] };
    const usage = anthropic(raw);
    expect(bucketsOf(usage)).toEqual([281, 55_096, 0, 91, 0]);
    for (const [encode, decode] of [
      [encodeUsage, anthropic],
      [encodeChat, chat],
      [encodeResponses, responses],
      [encodeGoogle, google],
    ] as const) {
      expect(bucketsOf(decode(encode(usage ?? noUsage())))).toEqual([181, 0, 0, 8, 0]);
    }
  });

  const queries = (...webSearchQueries: string[]) => ({ groundingMetadata: { webSearchQueries } });
  const read = (...urls: string[]) => ({
    urlContextMetadata: { urlMetadata: urls.map((retrievedUrl) => ({ retrievedUrl })) },
  });
  const figures = { promptTokenCount: 1, candidatesTokenCount: 1 };
  const item = (type: string, more: object = {}) => ({ type, ...more });
  const made = (output: object[], more: object = {}) => ({
    output,
    usage: { input_tokens: 1, output_tokens: 1 },
    ...more,
  });

  test.each([
    [
      "Messages",
      "anthropic-messages",
      {
        type: "message",
        content: [],
        usage: { input_tokens: 1, server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 } },
      },
      { webSearch: 2, webFetch: 1 },
    ],
    [
      "Chat (OpenRouter)",
      "openai-chat",
      { usage: { prompt_tokens: 1, server_tool_use_details: { web_search_requests: 3 } } },
      { webSearch: 3 },
    ],
    [
      "Chat (OpenRouter, before)",
      "openai-chat",
      { usage: { prompt_tokens: 1, server_tool_use: { web_search_requests: 1 } } },
      { webSearch: 1 },
    ],
    [
      "Chat, none",
      "openai-chat",
      { usage: { prompt_tokens: 1, server_tool_use: { web_search_requests: 0 } } },
      undefined,
    ],
    [
      "Responses, as told",
      "openai-responses",
      made([item("web_search_call")], { tool_usage: { web_search: { num_requests: 4 } } }),
      { webSearch: 4 },
    ],
    [
      "Responses, counted; a page that is opened is no search",
      "openai-responses",
      made([
        item("web_search_call", { action: { type: "search" } }),
        item("web_search_call", { action: { type: "open_page" } }),
        item("web_search_call"),
      ]),
      { webSearch: 2 },
    ],
    [
      "Responses, files, pictures, and containers that were used twice",
      "openai-responses",
      made([
        item("file_search_call"),
        item("image_generation_call"),
        ...["a", "a", "b"].map((container_id) => item("code_interpreter_call", { container_id })),
      ]),
      { fileSearch: 1, codeSessions: 2, images: 1 },
    ],
    [
      "Gemini",
      "google-generate-content",
      { candidates: [{ ...queries("a", "b"), ...read("c") }], usageMetadata: figures },
      { webSearch: 2, webFetch: 1 },
    ],
    [
      "Gemini, a stream that repeats itself",
      "google-generate-content",
      [
        { candidates: [queries("a")], usageMetadata: figures },
        { candidates: [queries("a", "b")], usageMetadata: figures },
        { candidates: [{}], usageMetadata: figures },
      ],
      { webSearch: 2 },
    ],
    ["Gemini, none", "google-generate-content", { candidates: [queries()], usageMetadata: figures }, undefined],
  ] as const)("server tools are counted: %s", (_what, dialect, answer, counted) => {
    expect(dialectOf(dialect).readAnswer(answer, { operation: "generate" }).usage?.serverTools).toEqual(counted);
    if (Array.isArray(answer)) return;
    expect(dialectOf(dialect).decodeAnswer({ status: "completed", ...answer }).answer.usage?.serverTools).toEqual(
      counted,
    );
  });

  test("Gemini's modalities, in both of its spellings", () => {
    const parts = ["AUDIO", "IMAGE", "VIDEO"].map((modality, index) => ({ modality, tokenCount: index + 1 }));
    for (const name of ["promptTokensDetails", "promptTokenDetails"]) {
      expect(google({ promptTokenCount: 9, [name]: parts })?.input).toMatchObject({ audio: 1, image: 2, video: 3 });
    }
  });

  test("cache writes by time to live", () => {
    const creation = { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 };
    const raw = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 30, cache_creation: creation };
    expect(anthropic(raw)?.input).toMatchObject({ cacheWrite: 30, cacheWrite5m: 10, cacheWrite1h: 20 });
    const written = { cache_write_tokens: 30, cache_write_tokens_details: { ttl_30m_tokens: 10, ttl_12h_tokens: 20 } };
    const told = responses({ input_tokens: 31, output_tokens: 1, input_tokens_details: written });
    expect(told?.input).toMatchObject({ cacheWrite: 30, cacheWrite30m: 10, cacheWrite12h: 20 });
    expect(told && encodeUsage(told)).toMatchObject({ cache_creation_input_tokens: 30, cache_creation: creation });
  });

  test.each([
    [{ service_tier: "priority" }, "priority"],
    [{ service_tier: "standard", speed: "fast" }, "fast"],
    [{}, undefined],
  ])("Anthropic's tier of %j is %s", (more, tier) => {
    expect(anthropic({ input_tokens: 1, output_tokens: 1, ...more })?.serviceTier).toBe(tier);
  });

  test.each([
    [{ web_search: { num_requests: 2 } }, { web_search_requests: 2, web_fetch_requests: 0 }],
    [{ web_search: { num_requests: 0 } }, null],
    [undefined, null],
  ])("the searches of a Response, %j, are told to a Messages client", (tool_usage, told) => {
    const response = { status: "completed", output: [], usage: { input_tokens: 1, output_tokens: 1 }, tool_usage };
    const { answer } = dialectOf("openai-responses").decodeAnswer(response);
    expect(JSON.parse(encodeWhole("anthropic-messages", answer)).usage.server_tool_use).toEqual(told);
    const event = `data: ${JSON.stringify({ type: "response.completed", response })}\n\n`;
    const stream = encodeStream(
      "anthropic-messages",
      decodeStream("openai-responses", [new TextEncoder().encode(event)]),
    );
    expect(stream.replaceAll('"server_tool_use":null', "").includes("server_tool_use")).toBe(told !== null);
  });

  test.each([
    ["openai-chat", "default", "default"],
    ["openai-chat", "standard", "default"],
    ["openai-chat", "fast", "fast"],
    ["openai-chat", "a new one", undefined],
    ["openai-chat", undefined, undefined],
    ["openai-responses", "flex", "flex"],
    ["openai-responses", "standard", "default"],
    ["openai-responses", undefined, "default"],
    ["anthropic-messages", "priority", "priority"],
    ["anthropic-messages", "default", "standard"],
    ["google-generate-content", "default", "standard"],
    ["google-generate-content", "flex", "flex"],
    ["google-generate-content", "a new one", undefined],
  ] as const)("%s tells %s, the tier that was billed, as %s", (client, serviceTier, told) => {
    const usage = { ...noUsage(), ...(serviceTier === undefined ? {} : { serviceTier }) };
    const stop = { reason: "end_turn" } as const;
    const answer = { id: "1", model: "m", candidates: [{ index: 0, parts: [], stop }], usage };
    // What the client asked for is not what it got.
    const context = { ...contextFor(client), body: { ...contextFor(client).body, service_tier: "priority" } };
    const tierIn = (text: string) => /"service_?[tT]ier":"([^"]*)"/.exec(text)?.[1];
    expect(tierIn(encodeWhole(client, answer, context))).toBe(told);
    const lines = encodeStream(client, replayAnswer(answer), context).split("\n");
    expect(tierIn(lines.findLast((line) => /usage/.test(line)) ?? "")).toBe(told);
  });

  test.each([
    [0, 0],
    [0.000_012_345_6, 12_346],
    [0.1, 100_000_000],
    // 0.1 + 0.2 as a double: the dust is not a price.
    [0.1 + 0.2, 300_000_000],
    [1e-12, 1],
    [-1, undefined],
    ["0.1", undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [1e300, undefined],
  ])("a provider's own charge of %s USD is %s nano-USD", (cost, nano) => {
    expect(chat({ prompt_tokens: 1, completion_tokens: 1, cost })?.providerCostNano).toBe(nano);
    expect(responses({ input_tokens: 1, output_tokens: 1, cost })?.providerCostNano).toBe(nano);
    expect(anthropic({ input_tokens: 1, output_tokens: 1, cost })?.providerCostNano).toBe(nano);
  });

  test("Gemini's audio and images", () => {
    const raw = {
      promptTokenCount: 50,
      candidatesTokenCount: 40,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 20 },
        { modality: "AUDIO", tokenCount: 30 },
      ],
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 40 }],
    };
    expect(google(raw)).toMatchObject({ input: { audio: 30 }, output: { image: 40 } });
  });
});
