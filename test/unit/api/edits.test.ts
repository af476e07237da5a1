import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edited, includeUsageEdits, modelEdits, notStoredEdits } from "../../../worker/api/inference/edits.ts";
import { type RequestBody, readBody } from "../../../worker/api/inference/read-body.ts";
import { Losses } from "../../../worker/canonical/losses.ts";

const read = (text: string): Promise<RequestBody> =>
  readBody(
    new Request("http://gateway/", { method: "POST", headers: { "content-type": "application/json" }, body: text }),
  );

const renamed = async (text: string) => {
  const body = await read(text);
  return edited(body, modelEdits(body, "google/gemini", "gemini"));
};

const RENAMED: [name: string, text: string, expected: string][] = [
  ["the model", '{"model":"google/gemini"}', '{"model":"gemini"}'],
  ["with its white space", '{ "a" : 1 ,\n "model" :\t"google/gemini" }', '{ "a" : 1 ,\n "model" :\t"gemini" }'],
  ["spelled with an escape", '{"model":"google\\/gemini","x":"\\u00e9"}', '{"model":"gemini","x":"\\u00e9"}'],
  ["its name spelled with an escape", '{"mod\\u0065l":"google/gemini"}', '{"mod\\u0065l":"gemini"}'],
  ["Gemini's resource name", '{"model":"models/google/gemini"}', '{"model":"models/gemini"}'],
  [
    "in each request of a batch",
    '{"requests":[{"model":"models/google/gemini"},{"model":"models/google/gemini"}]}',
    '{"requests":[{"model":"models/gemini"},{"model":"models/gemini"}]}',
  ],
  [
    "in what is to be counted",
    '{"generateContentRequest":{"model":"models/google/gemini"}}',
    '{"generateContentRequest":{"model":"models/gemini"}}',
  ],
  [
    "not the client's own data of that name",
    '{"model":"google/gemini","tools":[{"model":"google/gemini"}],"x":"\\"model\\":\\"google/gemini\\""}',
    '{"model":"gemini","tools":[{"model":"google/gemini"}],"x":"\\"model\\":\\"google/gemini\\""}',
  ],
  ["numbers and order as they were", '{"z":1.0,"model":"google/gemini","a":1e5}', '{"z":1.0,"model":"gemini","a":1e5}'],
  ["nothing where another model stands", '{"model":"other"}', '{"model":"other"}'],
];

describe("the model is renamed at its place", () => {
  test.each(RENAMED)("%s", async (_, text, expected) => {
    expect(await renamed(text)).toBe(expected);
  });

  test("a model that keeps its name costs no edit", async () => {
    expect(modelEdits(await read('{"model":"gpt-4.1"}'), "gpt-4.1", "gpt-4.1")).toEqual([]);
  });
});

const USAGE: [name: string, text: string, expected: string][] = [
  ["none there", '{"stream":true}', '{"stream":true,"stream_options":{"include_usage":true}}'],
  ["none there, white space", '{"stream":true }\n', '{"stream":true ,"stream_options":{"include_usage":true}}\n'],
  ["null", '{"stream_options":null}', '{"stream_options":{"include_usage":true}}'],
  ["empty", '{"stream_options":{}}', '{"stream_options":{"include_usage":true}}'],
  ["false", '{"stream_options":{"include_usage":false},"x":1}', '{"stream_options":{"include_usage":true},"x":1}'],
  [
    "beside another option",
    '{"stream_options":{ "include_obfuscation" : false },"x":1}',
    '{"stream_options":{ "include_obfuscation" : false ,"include_usage":true},"x":1}',
  ],
  ["null inside", '{"stream_options":{"include_usage":null}}', '{"stream_options":{"include_usage":true}}'],
];

describe("usage is asked for at its place", () => {
  test.each(USAGE)("%s", async (_, text, expected) => {
    const body = await read(text);
    expect(edited(body, includeUsageEdits(body))).toBe(expected);
  });

  test("whatever else the body holds stays as it is, and both edits go together", async () => {
    const rest = fc.dictionary(
      fc.string({ maxLength: 6 }).filter((name) => !["model", "stream_options", "__proto__"].includes(name)),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const options = fc.option(fc.dictionary(fc.constantFrom("include_usage", "include_obfuscation"), fc.boolean()));
    const layout = fc.record({ spaces: fc.nat(2), modelFirst: fc.boolean(), escaped: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(rest, options, layout, async (others, streamOptions, { spaces, modelFirst, escaped }) => {
        const model = { model: "openai/gpt-4.1" };
        const asked = { ...(streamOptions === null ? {} : { stream_options: streamOptions }) };
        const value = modelFirst ? { ...model, ...others, ...asked } : { ...others, ...asked, ...model };
        const json = JSON.stringify(value, null, spaces);
        const text = escaped ? json.replaceAll("/", "\\/") : json;
        const body = await read(text);
        const result = edited(body, [...modelEdits(body, "openai/gpt-4.1", "gpt-4.1"), ...includeUsageEdits(body)]);
        expect(JSON.parse(result)).toEqual({
          ...JSON.parse(text),
          model: "gpt-4.1",
          stream_options: { ...streamOptions, include_usage: true },
        });
        expect(Object.keys(JSON.parse(result)).filter((name) => name in value)).toEqual(Object.keys(JSON.parse(text)));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a wish to store where nothing is stored", () => {
  const NOT_STORED: [name: string, text: string, expected: string][] = [
    ["true", '{ "store" : true }', '{ "store" : false }'],
    ["before the model", '{"store":true,"model":"google/gemini"}', '{"store":false,"model":"gemini"}'],
    [
      "beside another edit",
      '{"model":"google/gemini","x":{"store":true},"store":true}',
      '{"model":"gemini","x":{"store":true},"store":false}',
    ],
    ["false", '{"store":false}', '{"store":false}'],
    ["null", '{"store":null}', '{"store":null}'],
    ["a text", '{"store":"true"}', '{"store":"true"}'],
    ["none", "{}", "{}"],
  ];

  test.each(NOT_STORED)("%s", async (_name, text, expected) => {
    const body = await read(text);
    const losses = new Losses();
    const edits = [...modelEdits(body, "google/gemini", "gemini"), ...notStoredEdits(body, "openai-responses", losses)];
    expect(edited(body, edits)).toBe(expected);
    expect(losses.any).toBe(expected !== text.replace("google/gemini", "gemini"));
  });

  test("in a dialect that has no such wish", async () => {
    const body = await read('{"store":true}');
    expect(notStoredEdits(body, "anthropic-messages", new Losses())).toEqual([]);
  });
});
