import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edited, includeUsageEdits, modelEdits } from "../../../worker/api/inference/edits.ts";
import { capEdits, capOf, capPath } from "../../../worker/api/inference/output-cap.ts";
import { type RequestBody, readBody } from "../../../worker/api/inference/read-body.ts";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";

const read = (text: string): Promise<RequestBody> =>
  readBody(
    new Request("http://gateway/", { method: "POST", headers: { "content-type": "application/json" }, body: text }),
  );

type Row = [name: string, dialect: DialectId, older: boolean, text: string, expected: string, path: string];

/** With a cap of 77. */
const ROWS: Row[] = [
  ["Chat, none", "openai-chat", false, '{"a":1}', '{"a":1,"max_completion_tokens":77}', "max_completion_tokens"],
  [
    "Chat",
    "openai-chat",
    false,
    '{ "max_completion_tokens" : 900 }',
    '{ "max_completion_tokens" : 77 }',
    "max_completion_tokens",
  ],
  ["Chat, the older name", "openai-chat", false, '{"max_tokens":900,"a":1}', '{"max_tokens":77,"a":1}', "max_tokens"],
  [
    "Chat, both names",
    "openai-chat",
    false,
    '{"max_tokens":900,"max_completion_tokens":800}',
    '{"max_tokens":77,"max_completion_tokens":77}',
    "max_completion_tokens",
  ],
  [
    "Chat, null",
    "openai-chat",
    false,
    '{"max_completion_tokens":null}',
    '{"max_completion_tokens":77}',
    "max_completion_tokens",
  ],
  [
    "Chat, null under the older name, which reasoning models refuse",
    "openai-chat",
    false,
    '{"max_tokens":null}',
    '{"max_tokens":null,"max_completion_tokens":77}',
    "max_completion_tokens",
  ],
  ["Chat at a host of the older name", "openai-chat", true, '{"a":1}', '{"a":1,"max_tokens":77}', "max_tokens"],
  [
    "Chat at such a host, the newer name",
    "openai-chat",
    true,
    '{"max_completion_tokens":900}',
    '{"max_completion_tokens":77}',
    "max_completion_tokens",
  ],
  ["Chat, no cap at all", "openai-chat", false, '{"max_tokens":-1}', '{"max_tokens":77}', "max_tokens"],
  ["Responses, none", "openai-responses", false, '{"a":1}', '{"a":1,"max_output_tokens":77}', "max_output_tokens"],
  [
    "Responses",
    "openai-responses",
    false,
    '{"max_output_tokens":900}',
    '{"max_output_tokens":77}',
    "max_output_tokens",
  ],
  ["Messages", "anthropic-messages", false, '{"max_tokens":900}\n', '{"max_tokens":77}\n', "max_tokens"],
  ["Messages, none", "anthropic-messages", false, '{"a":[]}', '{"a":[],"max_tokens":77}', "max_tokens"],
  [
    "Gemini, no configuration",
    "google-generate-content",
    false,
    '{"contents":[]}',
    '{"contents":[],"generationConfig":{"maxOutputTokens":77}}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini, null for one",
    "google-generate-content",
    false,
    '{"generationConfig":null}',
    '{"generationConfig":{"maxOutputTokens":77}}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini, an empty one",
    "google-generate-content",
    false,
    '{"generationConfig":{ }}',
    '{"generationConfig":{ "maxOutputTokens":77}}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini, beside another setting",
    "google-generate-content",
    false,
    '{"generationConfig":{"topK":1},"a":2}',
    '{"generationConfig":{"topK":1,"maxOutputTokens":77},"a":2}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini",
    "google-generate-content",
    false,
    '{"a":2,"generationConfig":{"maxOutputTokens": 900}}',
    '{"a":2,"generationConfig":{"maxOutputTokens": 77}}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini, in snake_case",
    "google-generate-content",
    false,
    '{"generation_config":{"max_output_tokens":900}}',
    '{"generation_config":{"max_output_tokens":77}}',
    "generation_config.max_output_tokens",
  ],
  [
    "Gemini, one of each",
    "google-generate-content",
    false,
    '{"generation_config":{"maxOutputTokens":900}}',
    '{"generation_config":{"maxOutputTokens":77}}',
    "generation_config.maxOutputTokens",
  ],
  [
    "Gemini, null in snake_case",
    "google-generate-content",
    false,
    '{"generationConfig":{"max_output_tokens":null}}',
    '{"generationConfig":{"max_output_tokens":77}}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini, in quotes, more",
    "google-generate-content",
    false,
    '{"generationConfig":{"maxOutputTokens":"900"}}',
    '{"generationConfig":{"maxOutputTokens":77}}',
    "generationConfig.maxOutputTokens",
  ],
  [
    "Gemini, in quotes, less",
    "google-generate-content",
    false,
    '{"generationConfig":{"maxOutputTokens":"9"}}',
    '{"generationConfig":{"maxOutputTokens":9}}',
    "generationConfig.maxOutputTokens",
  ],
  ["embeddings have none", "openai-embeddings", false, '{"input":"a"}', '{"input":"a"}', ""],
];

describe("a cap is put at its place", () => {
  test.each(ROWS)("%s", async (_name, dialect, older, text, expected, path) => {
    const body = await read(text);
    expect(edited(body, capEdits(body, dialect, 77, older))).toBe(expected);
    expect(capPath(body.body, dialect, older)).toBe(path);
  });

  test("whatever else the body holds stays as it is, beside the other edits", async () => {
    const caps = ["max_tokens", "max_completion_tokens"];
    const rest = fc.dictionary(
      fc.string({ maxLength: 6 }).filter((name) => !["model", "__proto__"].includes(name)),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const own = fc.option(fc.record({ name: fc.constantFrom(...caps), value: fc.option(fc.nat()) }));
    await fc.assert(
      fc.asyncProperty(rest, own, fc.nat(2), fc.boolean(), async (others, cap, spaces, older) => {
        const asked = cap === null ? {} : { [cap.name]: cap.value };
        const text = JSON.stringify({ model: "openai/gpt-4.1", ...others, ...asked }, null, spaces);
        const body = await read(text);
        const path = capPath(body.body, "openai-chat", older);
        const result = edited(body, [
          ...modelEdits(body, "openai/gpt-4.1", "gpt-4.1"),
          ...includeUsageEdits(body),
          ...capEdits(body, "openai-chat", 77, older),
        ]);
        expect(JSON.parse(result)).toEqual({
          ...JSON.parse(text),
          model: "gpt-4.1",
          stream_options: { include_usage: true },
          [path]: 77,
        });
      }),
      { numRuns: 300 },
    );
  });
});

test.each<[DialectId, object, number | null]>([
  ["openai-chat", { max_tokens: 5 }, 5],
  ["openai-chat", { max_completion_tokens: 6 }, 6],
  ["openai-responses", {}, null],
  ["anthropic-messages", { max_tokens: 7 }, 7],
  ["google-generate-content", { generationConfig: { maxOutputTokens: 8 } }, 8],
  ["google-generate-content", { generationConfig: {} }, null],
  ["openai-embeddings", { max_tokens: 5 }, null],
])("the cap of a request as it goes out: %s %o", (dialect, body, cap) => {
  expect(capOf(body as never, dialect)).toBe(cap);
});
