import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import { noFeatures, type RequestFeatures } from "../../../worker/canonical/request-features.ts";
import type { Operation } from "../../../worker/dialects/dialect.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import { PNG } from "../../support/bounds/media.ts";

const DATA = PNG.slice(PNG.indexOf(",") + 1);
const BYTES = Math.floor((DATA.length * 3) / 4);
const DOT = { width: 1, height: 1 };

const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });
const input = (...items: object[]) => ({ input: items });
const said = (...content: object[]) => input({ role: "user", content });
const parts = (...of: object[]) => ({ contents: [{ parts: of }] });

const media = (path: string, kind: string, more: object = {}) => ({
  media: [{ ...{ path, kind, mediaType: null, bytes: null, pixels: null, detail: null }, ...more }],
});
const inline = (path: string, more: object = {}) => ({
  ...media(path, "image", { mediaType: "image/png", bytes: BYTES, pixels: DOT, ...more }),
  mediaCharacters: DATA.length,
});
const serverTool = (path: string, kind: string, calls: number | null = null) => ({
  serverTools: [{ path, kind, calls }],
});

type Row = [what: string, body: object, features: object];

const ROWS: Record<DialectId, Row[]> = {
  "openai-chat": [
    ["a text", { messages: [{ role: "user", content: "a" }] }, {}],
    [
      "a picture",
      user({ type: "image_url", image_url: { url: PNG, detail: "Low" } }),
      inline("messages[0].content[0].image_url", { detail: "low" }),
    ],
    [
      "an address",
      user({ type: "text", text: "a" }, { type: "image_url", image_url: "https://a" }),
      media("messages[0].content[1].image_url", "image"),
    ],
    [
      "a sound",
      user({ type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } }),
      {
        ...media("messages[0].content[0].input_audio", "audio", { mediaType: "audio/mp3", bytes: 3 }),
        mediaCharacters: 4,
      },
    ],
    [
      "a film",
      user({ type: "video_url", video_url: { url: "https://a" } }),
      media("messages[0].content[0].video_url", "video"),
    ],
    ["a file", user({ type: "file", file: { file_id: "f" } }), media("messages[0].content[0].file", "document")],
    [
      "a file's content",
      user({ type: "file", file: { file_data: "data:text/plain;base64,AAAA" } }),
      {
        ...media("messages[0].content[0].file", "document", { mediaType: "text/plain", bytes: 3 }),
        mediaCharacters: 4,
      },
    ],
    [
      "an earlier answer's sound",
      { messages: [{ role: "assistant", audio: { id: "audio_1" } }] },
      { stored: ["messages[0].audio"] },
    ],
    [
      "functions",
      { tools: [{ type: "function", function: { name: "f", parameters: {} } }] },
      { explained: ["functions"] },
    ],
    [
      "a schema with references",
      { response_format: { json_schema: { schema: { items: { $ref: "#/$defs/a" } } } } },
      { explained: ["schema"] },
    ],
    ["a search", { web_search_options: {} }, serverTool("web_search_options", "web_search")],
    ["a suffix that searches", { model: "openrouter/a/b:online" }, serverTool("model", "web_search")],
    ["plugins", { plugins: [{ id: "response-healing" }, { id: "file-parser" }] }, serverTool("plugins[1]", "other")],
    ["a reseller's tool", { tools: [{ type: "openrouter:web_search" }] }, serverTool("tools[0]", "other")],
    ["other models", { models: ["a"] }, { otherModels: ["models"] }],
    ["a service", { service_tier: "Priority" }, { service: { word: "priority", path: "service_tier" } }],
    ["no service in particular", { service_tier: "auto" }, {}],
    [
      "marks",
      user(
        { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
        { type: "text", text: "b", prompt_cache_breakpoint: { mode: "explicit" } },
      ),
      { cacheWrites: ["1h", "5m"] },
    ],
    ["a life of all marks", { prompt_cache_options: { ttl: "12h" } }, { cacheWrites: ["12h"] }],
    ["a retention, which is none", { prompt_cache_retention: "24h" }, {}],
    ["a prediction", { prediction: { type: "content", content: "é" } }, { predicted: 33 }],
    ["outputs", { modalities: ["Text", "audio"] }, { outputs: ["text", "audio"] }],
    ["a budget", { reasoning: { max_tokens: 2_000 } }, { thinkingBudget: 2_000 }],
  ],
  "openai-responses": [
    ["a text", { input: "a" }, {}],
    [
      "a picture",
      said({ type: "input_image", image_url: PNG, detail: "high" }),
      inline("input[0].content[0].image_url", { detail: "high" }),
    ],
    [
      "a picture in a result",
      input({ type: "function_call_output", output: [{ type: "input_image", image_url: PNG }] }),
      inline("input[0].output[0].image_url"),
    ],
    [
      "a screen",
      input({ type: "computer_call_output", output: { type: "computer_screenshot", file_id: "f" } }),
      media("input[0].output.file_id", "image"),
    ],
    [
      "a file",
      said({ type: "input_file", file_url: "https://a" }, { type: "input_file", file_id: "f" }),
      {
        media: [
          ...media("input[0].content[0].file_url", "document").media,
          ...media("input[0].content[1].file_id", "document").media,
        ],
      },
    ],
    [
      "an earlier picture",
      input({ type: "image_generation_call", result: DATA }),
      inline("input[0]", { mediaType: null }),
    ],
    [
      "what is stored",
      { previous_response_id: "a", conversation: null, input: [{ type: "item_reference", id: "b" }] },
      { stored: ["input[0]", "previous_response_id"] },
    ],
    ["a kept prompt", { prompt: { id: "a" } }, { stored: ["prompt"], ...serverTool("prompt", "other") }],
    [
      "tools and their cap",
      { tools: [{ type: "web_search_preview" }, { type: "mcp" }], max_tool_calls: 3 },
      {
        toolCalls: 3,
        serverTools: [
          { path: "tools[0]", kind: "web_search", calls: null },
          { path: "tools[1]", kind: "other", calls: null },
        ],
      },
    ],
    [
      "tools that the client runs",
      {
        tools: [
          { type: "computer_use_preview" },
          { type: "local_shell" },
          { type: "tool_search", execution: "client" },
        ],
      },
      { vendorTools: 3 },
    ],
    [
      "a compaction",
      { context_management: [{ type: "compaction" }] },
      serverTool("context_management[0]", "compaction", 1),
    ],
    [
      "a mark",
      said({ type: "input_text", text: "a", prompt_cache_breakpoint: { mode: "explicit" } }),
      { cacheWrites: ["30m"] },
    ],
    ["a schema", { text: { format: { type: "json_schema", schema: {} } } }, { explained: ["schema"] }],
  ],
  "anthropic-messages": [
    ["a text", { messages: [{ role: "user", content: "a" }] }, {}],
    [
      "a picture",
      user({ type: "image", source: { type: "base64", media_type: "image/png", data: DATA } }),
      inline("messages[0].content[0].source"),
    ],
    [
      "a picture in a result",
      user({ type: "tool_result", content: [{ type: "image", source: { type: "url", url: "https://a" } }] }),
      media("messages[0].content[0].content[0].source", "image"),
    ],
    [
      "a picture in a document",
      user({
        type: "document",
        source: { type: "content", content: [{ type: "image", source: { type: "file", file_id: "f" } }] },
      }),
      media("messages[0].content[0].source.content[0].source", "image"),
    ],
    [
      "a document of text",
      user({ type: "document", source: { type: "text", data: "a" }, citations: { enabled: true } }),
      { explained: ["citations"] },
    ],
    [
      "a container",
      { container: "c", ...user({ type: "container_upload", file_id: "f" }) },
      { stored: ["messages[0].content[0]", "container"] },
    ],
    [
      "a tool of one's own",
      { tools: [{ name: "f", input_schema: { $ref: "#/$defs/a" } }] },
      { explained: ["functions"] },
    ],
    [
      "a capped search",
      { tools: [{ type: "web_search_20260318", max_uses: 5 }] },
      { explained: ["functions"], ...serverTool("tools[0]", "web_search", 5) },
    ],
    [
      "tools that the client runs",
      { tools: [{ type: "bash_20250124" }, { type: "computer_20251124" }] },
      { explained: ["functions"], vendorTools: 2 },
    ],
    [
      "a tool from the future",
      { tools: [{ type: "telepathy_20270101" }] },
      { explained: ["functions"], ...serverTool("tools[0]", "other") },
    ],
    [
      "a compaction",
      { context_management: { edits: [{ type: "clear_tool_uses_20250919" }, { type: "compact_20260112" }] } },
      serverTool("context_management.edits[1]", "compaction", 1),
    ],
    [
      "marks of both lives",
      {
        cache_control: { type: "ephemeral" },
        system: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }],
      },
      { cacheWrites: ["1h", "5m"] },
    ],
    ["a life that nobody knows", { cache_control: { type: "ephemeral", ttl: "7d" } }, { cacheWrites: ["12h"] }],
    ["fast", { speed: "fast", service_tier: "auto" }, { service: { word: "fast", path: "speed" } }],
    ["a budget", { thinking: { type: "enabled", budget_tokens: 2_048 } }, { thinkingBudget: 2_048 }],
    ["other models", { fallbacks: [{ model: "a" }] }, { otherModels: ["fallbacks"] }],
  ],
  "google-generate-content": [
    ["a text", parts({ text: "a" }), {}],
    [
      "a picture",
      {
        ...parts({ inline_data: { mime_type: "image/png", data: DATA } }),
        generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW" },
      },
      inline("contents[0].parts[0].inline_data", { detail: "media_resolution_low" }),
    ],
    [
      "one content alone",
      { contents: { parts: { inlineData: { mimeType: "image/png", data: DATA } } } },
      inline("contents.parts.inlineData"),
    ],
    [
      "a picture in a result",
      parts({ functionResponse: { name: "f", parts: [{ inlineData: { mimeType: "image/png", data: DATA } }] } }),
      inline("contents[0].parts[0].functionResponse.parts[0].inlineData"),
    ],
    [
      "a picture in the instructions",
      { system_instruction: { parts: [{ inlineData: { mimeType: "image/png", data: DATA } }] } },
      inline("system_instruction.parts[0].inlineData"),
    ],
    [
      "an address is what it leads to",
      parts({ fileData: { mimeType: "image/png", fileUri: "gs://a" } }),
      media("contents[0].parts[0].fileData", "video", { mediaType: "image/png" }),
    ],
    ["cached content", { cachedContent: "cachedContents/1" }, { stored: ["cachedContent"] }],
    [
      "tools",
      { tools: [{ functionDeclarations: [{ name: "f" }], googleSearch: {}, url_context: {} }, { computerUse: {} }] },
      {
        explained: ["functions"],
        vendorTools: 1,
        serverTools: [
          { path: "tools[0].googleSearch", kind: "web_search", calls: null },
          { path: "tools[0].url_context", kind: "web_fetch", calls: null },
        ],
      },
    ],
    ["a tool from the future", { tools: [{ telepathy: {} }] }, serverTool("tools[0].telepathy", "other")],
    ["a schema", { generation_config: { response_json_schema: {} } }, { explained: ["schema"] }],
    ["a service", { service_tier: "SERVICE_TIER_FLEX" }, { service: { word: "flex", path: "service_tier" } }],
    [
      "a budget, and outputs",
      { generationConfig: { thinkingConfig: { thinkingBudget: 512 }, responseModalities: ["TEXT", "IMAGE"] } },
      { thinkingBudget: 512, outputs: ["text", "image"] },
    ],
    ["the model's own budget", { generationConfig: { thinkingConfig: { thinkingBudget: -1 } } }, {}],
    [
      "a request inside a request",
      { generateContentRequest: { cachedContent: "a", ...parts({ fileData: {} }) } },
      {
        stored: ["generateContentRequest.cachedContent"],
        ...media("generateContentRequest.contents[0].parts[0].fileData", "video"),
      },
    ],
  ],
  "openai-embeddings": [
    ["a text", { input: "a" }, {}],
    ["other models", { input: ["a"], models: ["b"] }, { otherModels: ["models"] }],
  ],
};

const featuresOf = (dialect: DialectId, body: object, operation: Operation = "generate"): RequestFeatures =>
  dialects[dialect].requestFeatures(body as Record<string, unknown>, operation);

describe.each(Object.entries(ROWS) as [DialectId, Row[]][])("%s", (dialect, rows) => {
  test.each(rows)("%s", (_what, body, features) => {
    const { schemas: _schemas, ...found } = featuresOf(dialect, body);
    const { schemas: _none, ...none } = noFeatures(dialect);
    expect(found).toEqual({ ...none, ...features });
  });

  test("whatever a body holds is read, and nothing thrown at", () => {
    const names =
      `messages input contents content parts tools system type source data image_url inlineData fileData output
      function input_schema cache_control ttl container prompt generationConfig plugins models service_tier modalities
      requests url_context inline_data context_management edits`.split(/\s+/);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom<unknown>(null, 1, "", "image", "document", "base64", PNG, true, -1),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie("tree"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 8 }), (body) => {
        for (const operation of ["generate", "count_tokens", "embed"] as const) {
          const { mediaCharacters } = featuresOf(dialect, body, operation);
          expect(mediaCharacters).toBeLessThanOrEqual(JSON.stringify(body).length);
        }
      }),
    );
  });
});

test.each([
  [
    "openai-chat",
    { tools: [{ type: "function", function: { name: "f" } }], functions: [{ parameters: {} }], response_format: {} },
    3,
  ],
  [
    "openai-responses",
    {
      tools: [
        { type: "function", parameters: {} },
        { type: "namespace", tools: [] },
      ],
      text: { format: {} },
    },
    3,
  ],
  ["anthropic-messages", { tools: [{ input_schema: {} }], output_config: { format: {} } }, 2],
  [
    "google-generate-content",
    { tools: [{ function_declarations: [{}] }], generationConfig: { responseSchema: {} } },
    2,
  ],
] as const)("schemas of %s", (dialect, body, count) => {
  expect(featuresOf(dialect, body).schemas).toHaveLength(count);
});

test("Gemini's embeddings have media as well", () => {
  const content = { parts: [{ inlineData: { mimeType: "image/png", data: DATA } }] };
  const batch = { requests: [{ content }, { content }] };
  expect(featuresOf("google-generate-content", batch, "embed").media.map(({ path }) => path)).toEqual([
    "requests[0].content.parts[0].inlineData",
    "requests[1].content.parts[0].inlineData",
  ]);
  expect(featuresOf("google-generate-content", { content }, "embed").mediaCharacters).toBe(DATA.length);
});
