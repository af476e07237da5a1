import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { arrayAt, isObject, type JsonObject, objectAt } from "../../../worker/lib/json.ts";
import { SseReader } from "../../../worker/lib/sse.ts";
import { contextOf } from "../../support/translation-properties/answers.ts";
import { DIALECTS, planRequest } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** Thoughts come back to their vendor in the order in which they were thought, whatever the client keeps of them. */

const RUNS = 300;

interface Vendor {
  owner: "anthropic" | "openai";
  dialect: ChatDialectId;
  model: string;
  /** What the turn consists of, in the vendor's words. */
  marks(body: JsonObject): string[];
}

const VENDORS: Vendor[] = [
  {
    owner: "anthropic",
    dialect: "anthropic-messages",
    model: "anthropic/claude-opus-5-5",
    marks: (body) =>
      arrayAt(arrayAt(body, "messages")[1], "content").map((block) => {
        const { type, signature, data, text, id } = block as Record<string, string>;
        if (type === "thinking" || type === "redacted_thinking") return `thought ${signature ?? data}`;
        return type === "text" ? `text ${text}` : `call ${id}`;
      }),
  },
  {
    owner: "openai",
    dialect: "openai-responses",
    model: "openai/gpt-5-pro",
    marks: (body) =>
      arrayAt(body, "input").flatMap((item) => {
        const { type, role, encrypted_content: sealed, call_id: id } = item as Record<string, string>;
        if (type === "reasoning") return [`thought ${sealed}`];
        if (type === "function_call") return [`call ${id}`];
        const { content } = item as JsonObject;
        if (role !== "assistant") return [];
        if (typeof content === "string") return [`text ${content}`];
        return arrayAt(item, "content").map((part) => `text ${(part as Record<string, string>).text}`);
      }),
  },
];

const word = fc.stringMatching(/^[a-z]{3,8}$/);

/** Steps of one answer: thoughts, then a text, a call, or both. */
const turn = ({ owner }: Vendor): fc.Arbitrary<Part[]> =>
  fc
    .array(
      fc.record({
        thoughts: fc.array(fc.record({ text: fc.constantFrom("", "hm", "so"), redacted: fc.boolean() }), {
          maxLength: 2,
        }),
        text: fc.option(word),
        calls: fc.nat(2),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((steps) => {
      let number = 0;
      return steps.flatMap(({ thoughts, text, calls }): Part[] => [
        ...thoughts.map(({ text: thought, redacted }): Part => {
          const value = `state-${++number}`;
          const where = redacted && owner === "anthropic" ? "redacted" : "thinking";
          const state = {
            owner,
            value,
            model: "",
            where,
            ...(owner === "openai" ? { id: `rs_${number}` } : {}),
          } as const;
          return { type: "thinking", text: where === "redacted" ? "" : thought, state };
        }),
        ...(text === null ? [] : [{ type: "text", text } as Part]),
        ...Array.from({ length: calls }, (): Part => {
          number++;
          return { type: "tool_call", id: `call_${number}`, name: "f", kind: "function", arguments: "{}" };
        }),
      ]);
    })
    // A thought that nothing follows has no place in a history, and models think before they speak, not in between.
    .filter((parts) => parts.length > 0 && parts.at(-1)?.type !== "thinking" && !speaksFirst(parts));

/** A text, then a thought, and neither thought nor call before. */
function speaksFirst(parts: readonly Part[]): boolean {
  const types = parts.map(({ type }) => type);
  return types.some((type, at) => {
    const before = types.slice(0, at).findLast((one) => one !== "text");
    return type === "thinking" && types[at - 1] === "text" && before !== "thinking";
  });
}

const answerOf = (parts: Part[]): CanonicalAnswer => ({
  id: "a",
  model: "m",
  candidates: [
    { index: 0, parts, stop: { reason: parts.some(({ type }) => type === "tool_call") ? "tool_use" : "end_turn" } },
  ],
  usage: null,
});

const shows = (client: ChatDialectId, visible: boolean) => ({
  ...contextOf(client),
  ...(client === "google-generate-content" ? { body: visible ? contextOf(client).body : {} } : {}),
});

/** The model's turn as a client of the dialect has it: of a whole answer, or of Gemini's stream. */
function told(parts: Part[], client: ChatDialectId, visible: boolean, streamed: boolean): JsonObject[] {
  const context = shows(client, visible);
  const dialect = chatDialects[client];
  if (streamed && client === "google-generate-content") {
    const encoder = dialect.startEncoder(context);
    const stream = [...replayAnswer(answerOf(parts))].map((event) => encoder.step(event)).join("") + encoder.end();
    const chunks = new SseReader().read(stream).map(({ data }) => JSON.parse(data) as unknown);
    return chunks.flatMap((chunk): JsonObject[] => {
      const content = objectAt(arrayAt(chunk, "candidates")[0], "content");
      return content === undefined ? [] : [content];
    });
  }
  const body = dialect.encodeAnswer(answerOf(parts), context);
  switch (client) {
    case "openai-chat":
      return [objectAt(arrayAt(body, "choices")[0], "message") ?? {}];
    case "openai-responses":
      return arrayAt(body, "output").filter(isObject);
    case "anthropic-messages":
      return [{ role: "assistant", content: body.content }];
    case "google-generate-content":
      return [objectAt(arrayAt(body, "candidates")[0], "content") ?? {}];
  }
}

/** The next request: the turn, and the results of its calls. */
function next(client: ChatDialectId, turnTold: JsonObject[], parts: Part[]): JsonObject {
  const ids = parts.flatMap((part) => (part.type === "tool_call" ? [part.id] : []));
  const hello = { role: "user", content: "hello" };
  switch (client) {
    case "openai-chat": {
      const results = ids.map((id) => ({ role: "tool", tool_call_id: id, content: "r" }));
      return { messages: [hello, ...turnTold, ...results, hello] };
    }
    case "openai-responses": {
      const results = ids.map((id) => ({ type: "function_call_output", call_id: id, output: "r" }));
      return { input: [hello, ...turnTold, ...results, hello] };
    }
    case "anthropic-messages": {
      const results = ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "r" }));
      const content = [...results, { type: "text", text: "hello" }];
      return { max_tokens: 3000, messages: [hello, ...turnTold, { role: "user", content }] };
    }
    case "google-generate-content": {
      const results = ids.map((id) => ({ functionResponse: { id, name: "f", response: { output: "r" } } }));
      const asked = { role: "user", parts: [{ text: "hello" }] };
      return { contents: [asked, ...turnTold, { role: "user", parts: [...results, { text: "hello" }] }] };
    }
  }
}

/** The turn as its vendor had it. Chat keeps thoughts, text and calls apart, in this order. */
function expected(parts: Part[], client: ChatDialectId): string[] {
  const mark = (part: Part): string => {
    if (part.type === "thinking") return `thought ${part.state?.value}`;
    return part.type === "text" ? `text ${part.text}` : `call ${(part as { id: string }).id}`;
  };
  if (client !== "openai-chat") return parts.map(mark);
  const of = (type: Part["type"]) => parts.filter((part) => part.type === type);
  const text = of("text").map((part) => (part.type === "text" ? part.text : ""));
  return [
    ...of("thinking").map(mark),
    ...(text.length === 0 ? [] : [`text ${text.join("")}`]),
    ...of("tool_call").map(mark),
  ];
}

/** Texts that follow each other are one to a client of Gemini's. */
const joined = (marks: readonly string[]): string[] =>
  marks.reduce<string[]>((all, mark) => {
    const last = all.at(-1);
    if (mark.startsWith("text ") && last?.startsWith("text ")) all.splice(-1, 1, last + mark.slice("text ".length));
    else all.push(mark);
    return all;
  }, []);

describe.each(VENDORS)("thoughts of $owner", (vendor) => {
  test.each(DIALECTS.filter((client) => client !== vendor.dialect))("by a client of %s", async (client) => {
    await fc.assert(
      fc.asyncProperty(turn(vendor), fc.boolean(), fc.boolean(), async (parts, visible, streamed) => {
        const body = next(client, told(parts, client, visible, streamed), parts);
        const { model, dialect: upstream } = vendor;
        const planned = await planRequest(body, { client, model, upstream });
        expect(joined(vendor.marks(planned.body))).toEqual(joined(expected(parts, client)));
      }),
      { seed, numRuns: RUNS },
    );
  });
});
