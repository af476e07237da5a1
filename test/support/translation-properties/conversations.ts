import fc from "fast-check";
import type { Message, Part, ResultPart, ToolCallPart, ToolResultPart } from "../../../worker/canonical/message.ts";
import type { CanonicalRequest, Settings } from "../../../worker/canonical/request.ts";
import type { Tool, ToolChoice } from "../../../worker/canonical/tool.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { PDF } from "./fields/samples.ts";
import { PNG } from "./plan.ts";

/** Conversations as people have them with models, and some that nobody has: everything in them every dialect can say. */

const word = fc.stringMatching(/^[a-z]{1,8}$/);
/** Texts with what tends to break: quotes, escapes, tags, other scripts, JSON, and next to nothing. */
export const text = fc.oneof(
  { weight: 6, arbitrary: fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" ")) },
  {
    weight: 2,
    arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((one) => one.trim() !== ""),
  },
  fc.constantFrom(
    '{"a":1}',
    "data: x\n\n",
    '"\\',
    "<b>",
    "line\nline",
    "0",
    "null",
    "déjà 👩‍👩‍👧 ключ",
    "[DONE]",
    "x  \n",
  ),
);

const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 2, noUnicodeString: false }).filter((value) => {
  // A key that would reach into a prototype is a matter of its own.
  return !JSON.stringify(value).includes("__proto__");
});
const args = fc.dictionary(word, json, { maxKeys: 3 });

const schema: fc.Arbitrary<JsonObject> = fc
  .array(
    fc.tuple(word, fc.constantFrom("string", "number", "boolean", "integer"), fc.option(text, { nil: undefined })),
    {
      maxLength: 3,
    },
  )
  .map((members) => {
    const properties = Object.fromEntries(
      members.map(([name, type, description]) => [name, description === undefined ? { type } : { type, description }]),
    );
    return {
      type: "object",
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    };
  });

const functionTool = fc.record(
  {
    type: fc.constant("function" as const),
    name: fc.constantFrom("weather", "traffic", "lookup_2", "Send-Mail", "_a"),
    description: text,
    parameters: schema,
    strict: fc.boolean(),
  },
  { requiredKeys: ["type", "name"] },
) as fc.Arbitrary<Tool & { type: "function" }>;
const customTool = fc.record(
  { type: fc.constant("custom" as const), name: fc.constantFrom("shell", "patch"), description: text },
  { requiredKeys: ["type", "name"] },
) as fc.Arbitrary<Tool & { type: "custom" }>;

const tools = fc.uniqueArray(fc.oneof({ weight: 4, arbitrary: functionTool }, customTool), {
  selector: (tool) => tool.name,
  maxLength: 4,
});
type Named = Exclude<Tool, { type: "builtin" }>;

const image: fc.Arbitrary<Part> = fc.nat(3).map((count) => ({
  type: "image",
  media: { kind: "base64", mediaType: "image/png", data: PNG + "AAAA".repeat(count) },
}));
const paper: fc.Arbitrary<Part> = fc.record({ count: fc.nat(3), name: fc.option(word) }).map(({ count, name }) => ({
  type: "document",
  media: { kind: "base64", mediaType: "application/pdf", data: PDF + "AAAA".repeat(count) },
  ...(name === null ? {} : { filename: `${name}.pdf` }),
}));
const said: fc.Arbitrary<Part> = text.map((one) => ({ type: "text", text: one }));

const user: fc.Arbitrary<Message> = fc
  .array(fc.oneof({ weight: 5, arbitrary: said }, image, paper), { minLength: 1, maxLength: 3 })
  .map((parts) => ({ role: "user", parts }));
const system: fc.Arbitrary<Message> = fc
  .array(said, { minLength: 1, maxLength: 2 })
  .map((parts) => ({ role: "system", parts }));

/** Ids as vendors and clients make them, some illegal elsewhere, some used before. */
const callId = fc.oneof(
  fc.stringMatching(/^call_[A-Za-z0-9]{6}$/),
  fc.constantFrom("toolu_01", "call|1", "a:b", "функция", "x".repeat(80), "call_1"),
);

const outcome: fc.Arbitrary<ResultPart[]> = fc
  .array(fc.oneof({ weight: 4, arbitrary: said as fc.Arbitrary<ResultPart> }, image as fc.Arbitrary<ResultPart>), {
    maxLength: 2,
  })
  .map((content) => content);

interface Asked {
  call: ToolCallPart;
  result: ToolResultPart;
}

const asked = (offered: readonly Named[]): fc.Arbitrary<Asked> =>
  fc
    .record({
      tool: fc.constantFrom(...offered),
      id: callId,
      args,
      input: text,
      content: outcome,
      isError: fc.boolean(),
    })
    .map(({ tool, id, args: given, input, content, isError }) => {
      const kind = tool.type;
      return {
        call: {
          type: "tool_call",
          id,
          name: tool.name,
          kind,
          arguments: kind === "custom" ? input : JSON.stringify(given),
        },
        result: { type: "tool_result", callId: id, kind, content, isError: isError && content.length > 0 },
      };
    });

/** An assistant's turn, and what follows it where it calls tools: results in any order. */
const assistant = (offered: readonly Named[]): fc.Arbitrary<Message[]> => {
  const speech = fc.oneof(
    { weight: 6, arbitrary: said },
    text.map((one): Part => ({ type: "refusal", text: one })),
  );
  const spoken = fc.record({
    thought: fc.option(text, { freq: 2 }),
    texts: fc.array(speech, { maxLength: 2 }),
    calls:
      offered.length === 0
        ? fc.constant<Asked[]>([])
        : fc.uniqueArray(asked(offered), { maxLength: 3, selector: ({ call }) => call.id }),
    order: fc.nat(5),
    apart: fc.boolean(),
    remark: fc.option(user, { freq: 2 }),
  });
  return spoken.map(({ thought, texts, calls, order, apart, remark }) => {
    const parts: Part[] = [
      ...(thought === null ? [] : [{ type: "thinking" as const, text: thought }]),
      ...(texts.length + calls.length === 0 ? [{ type: "text" as const, text: "well" }] : texts),
      ...calls.map(({ call }) => call),
    ];
    const results = calls.map(({ result }) => result);
    const turned = [
      ...results.slice(order % (results.length || 1)),
      ...results.slice(0, order % (results.length || 1)),
    ];
    const messages: Message[] = apart
      ? turned.map((result) => ({ role: "tool", parts: [result] }))
      : turned.length === 0
        ? []
        : [{ role: "tool", parts: turned }];
    return [{ role: "assistant", parts }, ...messages, ...(remark === null ? [] : [remark])];
  });
};

const choice = (offered: readonly Named[]): fc.Arbitrary<ToolChoice> =>
  offered.length === 0
    ? fc.constantFrom({ mode: "auto" })
    : fc.oneof(
        fc.constantFrom<ToolChoice>({ mode: "auto" }, { mode: "none" }, { mode: "required" }),
        fc.constantFrom(...offered).map((tool): ToolChoice => ({ mode: "tool", name: tool.name })),
      );

const settings = (offered: readonly Named[]): fc.Arbitrary<Settings> =>
  fc.record(
    {
      maxOutputTokens: fc.integer({ min: 2000, max: 9000 }),
      temperature: fc.constantFrom(0, 0.25, 1),
      topK: fc.integer({ min: 1, max: 40 }),
      frequencyPenalty: fc.constantFrom(0.5, -1),
      presencePenalty: fc.constantFrom(0.5, -1),
      seed: fc.nat(1000),
      stop: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
      toolChoice: choice(offered),
      parallelToolCalls: fc.boolean(),
      reasoningEffort: fc.constantFrom("low", "medium", "high"),
      responseFormat: fc.oneof(
        fc.constant({ type: "json" as const }),
        schema.map((one) => ({ type: "json_schema" as const, name: "answer", schema: one, strict: true })),
      ),
      verbosity: fc.constantFrom("low", "medium", "high"),
      user: word,
      cacheKey: word,
      metadata: fc.dictionary(word, word, { minKeys: 1, maxKeys: 2 }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Settings>;

/** A request that ends where a model has to speak. */
export const conversation: fc.Arbitrary<CanonicalRequest> = tools.chain((offered) => {
  const turn = fc.oneof(
    { weight: 3, arbitrary: user.map((message) => [message]) },
    { weight: 3, arbitrary: assistant(offered as Named[]) },
    { weight: 1, arbitrary: system.map((message) => [message]) },
  );
  return fc
    .record({
      leading: fc.array(system, { maxLength: 2 }),
      first: user,
      turns: fc.array(turn, { maxLength: 5 }),
      last: user,
      settings: settings(offered as Named[]),
      stream: fc.boolean(),
    })
    .map(({ leading, first, turns, last, settings: chosen, stream }): CanonicalRequest => {
      const messages = [...leading, first, ...turns.flat()];
      const open = messages.findLast((message) => message.role !== "system")?.role === "assistant";
      return {
        // Overwritten by whoever encodes it: no dialect keeps its own spelling of what it never spelled.
        dialect: "openai-chat",
        model: "a-model",
        stream,
        messages: open ? [...messages, last] : messages,
        tools: offered,
        settings: chosen,
        paths: {},
        source: { path: "" },
      };
    });
});
