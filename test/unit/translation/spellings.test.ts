import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import { dialectOf } from "../../support/translation/run-dialect.ts";
import { targetOf } from "../../support/translation/translate-request.ts";

/** What a client may leave out, leave empty or spell in another way comes back as it was. */

type Spelling = [what: string, body: Record<string, unknown>];

const user = (part: object) => ({ messages: [{ role: "user", content: [part] }] });
const asked = (part: object) => ({ input: [{ role: "user", content: [part] }] });
const said = (...parts: object[]) => ({ contents: [{ role: "user", parts }] });

const SPELLINGS: Record<ChatDialectId, Spelling[]> = {
  "openai-chat": [
    ["nothing", {}],
    ["empty lists and objects", { messages: [], tools: [], functions: [], stream_options: {}, reasoning: {} }],
    ["no messages", { messages: null }],
    ["no calls in a turn", { messages: [{ role: "assistant", content: "", tool_calls: [] }] }],
    [
      "ids of nothing",
      {
        messages: [
          { role: "assistant", tool_calls: [{ id: "", function: { name: "f" } }] },
          { role: "tool", tool_call_id: "", content: "" },
        ],
      },
    ],
    [
      "a tool without a type, and of an odd one",
      { messages: [], tools: [{ function: { name: "f" } }, { type: "odd", function: { name: "g" } }] },
    ],
    [
      "a choice with more in it",
      { messages: [], tool_choice: { type: "function", function: { name: "f", more: 1 }, more: 2 } },
    ],
    ["an odd cache mark", user({ type: "text", text: "t", cache_control: { type: "odd" } })],
    ["a bare address", user({ type: "image_url", image_url: "https://example.com/a.png" })],
    [
      "a data address with parameters",
      user({ type: "image_url", image_url: { url: "DATA:Image/png;name=a;base64,AAAA" } }),
    ],
    ["a film", user({ type: "video_url", video_url: { url: "data:video/MP4;base64,AAAA" } })],
    [
      "a file by address, by bytes and by id",
      user({ type: "file", file: { file_data: "https://example.com/a.pdf", file_id: "f" } }),
    ],
    ["a file of bare bytes", user({ type: "file", file: { filename: "a.pdf", file_data: "AAAA" } })],
    [
      "an odd grammar",
      { messages: [], tools: [{ type: "custom", custom: { name: "c", format: { type: "odd", grammar: { a: 1 } } } }] },
    ],
    ["a text that is none", user({ type: "text", text: null })],
  ],
  "openai-responses": [
    ["nothing", {}],
    ["empty lists and objects", { input: [], tools: [], reasoning: {}, text: {}, include: [] }],
    ["a choice with more in it", { input: "x", tool_choice: { type: "function", name: "f", more: 1 } }],
    ["a data address with parameters", asked({ type: "input_image", image_url: "DATA:Image/png;name=a;base64,AAAA" })],
    [
      "a picture by address and by id",
      asked({ type: "input_image", image_url: "https://example.com/a", file_id: "f", detail: "low" }),
    ],
    ["a file by address and by id", asked({ type: "input_file", file_url: "https://example.com/a.pdf", file_id: "f" })],
    [
      "a file by bytes and by address",
      asked({ type: "input_file", file_data: "AAAA", file_url: "https://example.com/a.pdf" }),
    ],
    ["a file by id", asked({ type: "input_file", file_id: "f" })],
  ],
  "anthropic-messages": [
    ["nothing", {}],
    [
      "empty lists and objects",
      { messages: [], tools: [], thinking: {}, tool_choice: {}, output_config: {}, system: [] },
    ],
    ["an id of nothing", user({ type: "tool_result", tool_use_id: "" })],
    ["no id", user({ type: "tool_result", content: "r" })],
    ["no picture", user({ type: "image", source: { type: "base64", media_type: null, data: null } })],
    ["an odd cache mark", { messages: [], cache_control: { type: "odd", ttl: "9h" } }],
    ["a mark of an odd time", user({ type: "text", text: "t", cache_control: { type: "ephemeral", ttl: "9h" } })],
  ],
  "google-generate-content": [
    ["nothing", {}],
    [
      "empty lists and objects",
      { contents: [], tools: [{}], toolConfig: {}, generationConfig: { thinkingConfig: {} }, systemInstruction: {} },
    ],
    [
      "no declarations",
      { contents: [], tools: [{ functionDeclarations: [] }, { function_declarations: null, googleSearch: {} }] },
    ],
    [
      "no lists",
      {
        contents: { parts: { text: "t" } },
        tools: { function_declarations: { name: "f" } },
        system_instruction: { parts: { text: "s" } },
      },
    ],
    [
      "one part of a result",
      said({
        function_response: {
          name: "f",
          response: {},
          parts: { inline_data: { mime_type: "image/png", data: "AAAA" } },
        },
      }),
    ],
    [
      "media of nothing",
      said({ inlineData: {} }, { fileData: {} }, { file_data: { file_uri: null, mime_type: "video/mp4" } }),
    ],
    ["an empty instruction", { contents: [], systemInstruction: { role: "system", parts: [] } }],
  ],
};

describe.each(Object.entries(SPELLINGS))("%s", (id, spellings) => {
  const dialect = dialectOf(id as ChatDialectId);
  test.each(spellings)("%s", (_what, body) => {
    const request = dialect.decodeRequest(structuredClone(body), { model: "m", stream: false });
    const again = dialect.encodeRequest(request, { ...targetOf("openai/unheard-of"), name: "m" }, new Losses());
    expect(JSON.parse(JSON.stringify(again.body))).toEqual(body);
  });
});
