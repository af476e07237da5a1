import { describe, expect, test } from "vitest";
import type { Message, Part } from "../../../worker/canonical/message.ts";
import type { CanonicalRequest } from "../../../worker/canonical/request.ts";
import type { Tool } from "../../../worker/canonical/tool.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { estimateTokens } from "../../../worker/router/estimate-tokens.ts";
import { TokenCountCache } from "../../../worker/router/token-count-cache.ts";

const requestOf = (messages: Message[], more: Partial<CanonicalRequest> = {}): CanonicalRequest => ({
  dialect: "openai-chat",
  model: "m",
  stream: false,
  messages,
  tools: [],
  settings: {},
  paths: {},
  source: { path: "" },
  ...more,
});

const kilobytes = (count: number) => "A".repeat((count * 1024 * 4) / 3 + 4);
const base64 = (mediaType: string, data: string) => ({ kind: "base64" as const, mediaType, data });
const at = { kind: "url" as const, url: "https://a.example.com/x" };

describe("tokens of a part", () => {
  const PARTS: [what: string, part: Part, tokens: number][] = [
    ["a text of four bytes", { type: "text", text: "four" }, 1],
    ["of five", { type: "text", text: "fives" }, 2],
    ["an empty one", { type: "text", text: "" }, 0],
    ["Chinese, three bytes a character", { type: "text", text: "日本語文" }, 3],
    [
      "a thought, without its state",
      {
        type: "thinking",
        text: "four",
        state: { owner: "anthropic", value: "x".repeat(1000), model: "m", where: "thinking" },
      },
      1,
    ],
    ["a refusal", { type: "refusal", text: "four" }, 1],
    ["an image", { type: "image", media: at }, 1500],
    ["a large image", { type: "image", media: base64("image/png", kilobytes(500)) }, 1500],
    ["a document at an address", { type: "document", media: at }, 1500],
    ["a short document", { type: "document", media: base64("application/pdf", "AAAA") }, 1500],
    ["a document of 120 KB", { type: "document", media: base64("application/pdf", kilobytes(120)) }, 4500],
    ["a text document", { type: "document", media: { kind: "text", text: "four" }, title: "four" }, 2],
    [
      "a document of parts",
      { type: "document", media: { kind: "parts", parts: [{ type: "image", media: at }] } },
      1500,
    ],
    ["a sound of 10,000 bytes", { type: "audio", media: base64("audio/mp3", "A".repeat(13_333)) }, 20],
    ["a sound at an address", { type: "audio", media: at }, 1500],
    ["a sound that is only remembered", { type: "audio", id: "a", transcript: "four" }, 1],
    ["a film", { type: "video", media: at }, 1500],
    ["a call", { type: "tool_call", id: "c", name: "four", kind: "function", arguments: '{"a":1}' }, 3],
    [
      "a result",
      {
        type: "tool_result",
        callId: "c",
        kind: "function",
        isError: false,
        content: [
          { type: "text", text: "four" },
          { type: "image", media: at },
        ],
      },
      1501,
    ],
    ["what a vendor alone knows", { type: "native", kind: "x", raw: { a: "bcdef" } }, 4],
  ];

  test.each(PARTS)("%s", (_what, part, tokens) => {
    expect(estimateTokens(requestOf([{ role: "user", parts: [part] }]))).toBe(4 + tokens);
  });
});

test("messages, names, tools and a schema", () => {
  const tools: Tool[] = [
    { type: "function", name: "four", description: "four", parameters: { type: "object" } },
    { type: "function", name: "four" },
    { type: "custom", name: "four", grammar: { syntax: "lark", definition: "a" } },
    { type: "builtin", kind: "web_search", raw: { type: "web_search" } },
  ];
  const messages: Message[] = [
    { role: "system", parts: [{ type: "text", text: "four" }] },
    { role: "user", name: "four", parts: [] },
  ];
  const schema = { type: "object" };
  const request = requestOf(messages, { tools, settings: { responseFormat: { type: "json_schema", schema } } });
  const ofMessages = 4 + 1 + 4 + 1;
  const ofTools = 8 + 1 + 1 + 5 + (8 + 1) + (8 + 1 + 9) + (8 + 6);
  expect(estimateTokens(request)).toBe(ofMessages + ofTools + 5);
  expect(estimateTokens(requestOf([]))).toBe(0);
});

test("the same conversation counts alike in every dialect", () => {
  const text = "How many tokens are these words?";
  const bodies = {
    "openai-chat": { messages: [{ role: "user", content: text }] },
    "openai-responses": { input: text },
    "anthropic-messages": { max_tokens: 9, messages: [{ role: "user", content: text }] },
    "google-generate-content": { contents: [{ parts: [{ text }] }] },
  } as const;
  const counts = Object.entries(bodies).map(([id, body]) =>
    estimateTokens(chatDialects[id as keyof typeof bodies].decodeRequest(body, { model: "m", stream: false })),
  );
  expect(new Set(counts)).toEqual(new Set([4 + 8]));
});

describe("counts are remembered", () => {
  const answer = { text: '{"input_tokens":9}', contentType: "application/json", warnings: [] };

  test("for a minute", () => {
    const cache = new TokenCountCache();
    cache.remember("a", answer, 1000);
    expect(cache.get("b", 1000)).toBeNull();
    expect(cache.get("a", 60_999)).toEqual(answer);
    expect(cache.get("a", 61_000)).toBeNull();
  });

  test("a thousand at a time, the oldest forgotten first, and none that is long", () => {
    const cache = new TokenCountCache();
    for (let index = 0; index <= 1000; index++) cache.remember(String(index), answer, 0);
    expect(cache.get("0", 1)).toBeNull();
    expect(cache.get("1", 1)).toEqual(answer);
    cache.remember("1", answer, 2);
    cache.remember("new", answer, 2);
    expect(cache.get("1", 3)).toEqual(answer);
    expect(cache.get("2", 3)).toBeNull();
    cache.remember("long", { ...answer, text: "x".repeat(5000) }, 3);
    expect(cache.get("long", 4)).toBeNull();
  });
});
