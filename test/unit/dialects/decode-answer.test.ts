import { describe, expect, test } from "vitest";
import { collectAnswer } from "../../../worker/canonical/collect-answer.ts";
import { sealState } from "../../../worker/canonical/envelope.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";

/** What is no answer of the dialect is a failure: an empty answer made of it would hide that. */

const NOTHING: [what: string, body: unknown][] = [
  ["an object of something else", { hello: "world" }],
  ["a list", []],
  ["a text", "OK"],
  ["what could not be parsed", undefined],
];
const OTHERS: [what: string, body: unknown][] = [
  ["openai-chat", { object: "response", status: "completed", output: [] }],
  ["openai-responses", { object: "chat.completion", choices: [] }],
  ["anthropic-messages", { candidates: [] }],
  ["google-generate-content", { type: "message", content: [] }],
];

describe.each(Object.values(chatDialects))("$id: a 200 without an answer in it", (dialect) => {
  test.each([...NOTHING, ...OTHERS.filter(([id]) => id === dialect.id)])("%s", (_what, body) => {
    const { answer, failure } = dialect.decodeAnswer(body);
    expect(failure).toMatchObject({ kind: "malformed", code: "empty_response" });
    expect(answer.candidates.flatMap(({ parts }) => parts)).toEqual([]);
  });
});

test.each([
  ["beside the choices", { error: { message: "Down." } }, {}],
  ["in a choice", {}, { error: { message: "Down." }, finish_reason: "error" }],
  ["as no more than a reason to finish", {}, { finish_reason: "error" }],
])("Chat: a failure told %s is one, as a whole and as a stream", (_where, beside, within) => {
  const { decodeAnswer, startDecoder } = chatDialects["openai-chat"];
  const said = { role: "assistant", content: "Half" };
  const choice = (key: string) => ({ index: 0, [key]: said, ...within });
  expect(decodeAnswer({ choices: [choice("message")], ...beside }).failure).toMatchObject({ kind: "internal" });
  const decoder = startDecoder();
  const read = (data: string) => decoder.step({ event: "", data });
  const events = [...read(JSON.stringify({ id: "1", choices: [choice("delta")], ...beside })), ...read("[DONE]")];
  expect([...events, ...decoder.end()].at(-1)).toMatchObject({ type: "error", failure: { kind: "internal" } });
});

test("a state names the model that made it, and its owner where another gateway carries it", () => {
  const { decodeAnswer } = chatDialects["google-generate-content"];
  const signed = (thoughtSignature: string) => ({ text: "t", thoughtSignature });
  const statesOf = (...parts: object[]) =>
    decodeAnswer({ candidates: [{ content: { parts }, finishReason: "STOP" }], modelVersion: "g-1" }).answer
      .candidates[0]?.parts;
  expect(statesOf(signed("c2ln"))).toEqual([
    { type: "text", text: "t", state: { owner: "google", value: "c2ln", model: "g-1", where: "text" } },
  ]);
  const thought = { owner: "anthropic", value: "c2ln", model: "c-1", where: "thinking" } as const;
  expect(statesOf(signed(btoa(sealState(thought))))).toEqual([
    { type: "thinking", text: "", state: thought },
    { type: "text", text: "t" },
  ]);
});

describe("what a Gemini answer rests on", () => {
  const url = "https://example.com/1";
  const span = { startIndex: 0, endIndex: 5 };
  const grounded = {
    groundingMetadata: {
      groundingChunks: [{ web: { uri: url, title: "1" } }],
      groundingSupports: [{ segment: span, groundingChunkIndices: [0] }],
    },
  };
  const quoted = { citationMetadata: { citationSources: [{ ...span, uri: url, title: "1" }] } };
  const vertex = {
    citationMetadata: {
      citations: [
        { ...span, uri: url, title: "1" },
        { ...span, uri: "", title: "A book" },
      ],
    },
  };
  const unplaced = { groundingMetadata: { groundingChunks: [{ web: { uri: url, title: "1" } }] } };
  const read = { urlContextMetadata: { urlMetadata: [{ retrievedUrl: url }] } };
  const source = { kind: "url", url, title: "1" };
  const placed = { ...source, start: 0, end: 5 };
  const book = { kind: "document", title: "A book", start: 0, end: 5 };
  const text = { text: "First" };
  const image = { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } };
  const partsOf = (...chunks: [part: object, more?: object][]) => {
    const decoder = chatDialects["google-generate-content"].startDecoder();
    const events = chunks.flatMap(([part, more]) =>
      decoder.step({ event: "", data: JSON.stringify({ candidates: [{ content: { parts: [part] }, ...more }] }) }),
    );
    return collectAnswer([...events, ...decoder.end()]).answer.candidates[0]?.parts;
  };
  const end = (more: object) => ({ finishReason: "STOP", ...more });

  test.each<[what: string, chunks: [part: object, more?: object][], parts: object[]]>([
    ["is told of its text", [[text, end(grounded)]], [{ citations: [placed] }]],
    ["is what it quotes", [[text, end(quoted)]], [{ citations: [placed] }]],
    ["may have no address", [[text, end(vertex)]], [{ citations: [placed, book] }]],
    [
      "is kept, without its place, where the text has ended",
      [[text], [{ text: "Hm.", thought: true }], [{ text: "then" }, end(grounded)]],
      [{}, {}, { citations: [source] }],
    ],
    ["is lost, and known to be, where no text is open", [[text], [image, end(grounded)]], [{}, {}, { type: "native" }]],
    [
      "is, too, where it has no place",
      [
        [text, unplaced],
        [{ text: "." }, end({})],
      ],
      [{}, { type: "native" }],
    ],
    ["and where it is a page that was read", [[text, end(read)]], [text, { type: "native" }]],
    [
      "may be told in two steps",
      [
        [text, unplaced],
        [{ text: "." }, end(grounded)],
      ],
      [{ citations: [placed] }],
    ],
  ])("%s", (_what, chunks, parts) => {
    expect(partsOf(...chunks)).toMatchObject(parts);
  });

  test.each([
    ["grounded", grounded, [placed]],
    ["quoted", quoted, [placed]],
    ["quoted at Vertex", vertex, [placed, book]],
  ])("as a whole: %s", (_what, more, citations) => {
    const { decodeAnswer } = chatDialects["google-generate-content"];
    const { answer } = decodeAnswer({ candidates: [{ content: { parts: [text] }, ...end(more) }] });
    expect(answer.candidates[0]?.parts).toEqual([{ type: "text", text: "First", citations }]);
  });

  test.each([unplaced, read])("as a whole, without a place: %j", (more) => {
    const { decodeAnswer } = chatDialects["google-generate-content"];
    const { answer } = decodeAnswer({ candidates: [{ content: { parts: [text] }, ...end(more) }] });
    expect(answer.candidates[0]?.parts).toMatchObject([text, { type: "native" }]);
  });
});

test.each([
  ["a text", { text: "Hi." }],
  ["nothing", undefined],
])("a Gemini call that comes after the reason to finish is not lost behind %s", (_what, before) => {
  const decoder = chatDialects["google-generate-content"].startDecoder();
  const step = (part: object | undefined, more: object) =>
    decoder.step({
      event: "",
      data: JSON.stringify({ candidates: [{ content: { parts: part ? [part] : [] }, ...more }] }),
    });
  const events = [
    ...step(before, { finishReason: "STOP" }),
    ...step({ functionCall: { name: "f" } }, {}),
    ...decoder.end(),
  ];
  expect(events).toContainEqual(
    expect.objectContaining({ type: "part_end", final: expect.objectContaining({ name: "f" }) }),
  );
  expect(events.at(-1)).toMatchObject({ type: "finish", stop: { reason: "tool_use" } });
});

test.each([
  [{ type: "url_citation", url: "https://example.com/", title: "t", start_index: 1, end_index: 3 }, "url"],
  [{ type: "file_citation", file_id: "file_1", filename: "a.pdf", index: 3 }, "file"],
  [{ type: "container_file_citation", container_id: "c", file_id: "file_1", filename: "a.pdf" }, "file"],
  [{ type: "file_path", file_id: "file_1", index: 3 }, "file"],
])("Responses: what %j cites is known, so that it can be named where it is lost", (annotation, kind) => {
  const part = { type: "output_text", text: "text", annotations: [annotation] };
  const item = { type: "message", content: [part] };
  const whole = chatDialects["openai-responses"].decodeAnswer({ status: "completed", output: [item] });
  const decoder = chatDialects["openai-responses"].startDecoder();
  const events = [
    { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "text" },
    { type: "response.output_text.annotation.added", output_index: 0, content_index: 0, annotation },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { status: "completed" } },
  ].flatMap((event) => decoder.step({ event: "", data: JSON.stringify(event) }));
  const parts = [{ type: "text", text: "text", citations: [{ kind }] }];
  expect(whole.answer.candidates[0]?.parts).toMatchObject(parts);
  expect(collectAnswer(events).answer.candidates[0]?.parts).toMatchObject(parts);
});

describe("a source that Responses tells", () => {
  const annotation = { type: "url_citation", url: "https://example.com/", title: "t", start_index: 0, end_index: 2 };
  const added = { type: "response.output_text.annotation.added", annotation };
  const text = (annotations: object[]) => ({ type: "output_text", text: "Hello", annotations });
  const done = (annotations: object[]) => ({ type: "response.content_part.done", part: text(annotations) });
  const finished = (annotations: object[]) => ({
    type: "response.output_item.done",
    item: { type: "message", content: [text(annotations)] },
  });
  const partsOf = (...told: object[]) => {
    const decoder = chatDialects["openai-responses"].startDecoder();
    const events = [
      { type: "response.content_part.added", part: { type: "output_text" } },
      { type: "response.output_text.delta", delta: "Hello" },
      ...told,
      { type: "response.completed", response: { status: "completed" } },
    ].flatMap((event) =>
      decoder.step({ event: "", data: JSON.stringify({ output_index: 0, content_index: 0, ...event }) }),
    );
    return collectAnswer(events).answer.candidates[0]?.parts;
  };

  test.each([
    ["by itself, and at every end", [added, done([annotation]), finished([annotation])]],
    ["by itself only", [added, done([]), finished([])]],
    ["with the part's end", [done([annotation]), finished([annotation])]],
    ["with the item's end, of a part that never ended", [finished([annotation])]],
  ])("%s", (_when, told) => {
    const citations = [{ kind: "url", url: annotation.url, title: "t", start: 0, end: 2 }];
    expect(partsOf(...told)).toEqual([{ type: "text", text: "Hello", citations }]);
  });

  test("after its text has ended: it is lost, and known to be", () => {
    expect(partsOf(done([]), finished([annotation]))).toMatchObject([
      { type: "text", text: "Hello" },
      { type: "native", kind: "url_citation" },
    ]);
  });
});

describe("a source that Chat tells while no text is open", () => {
  const cited = { url: "https://example.com/", title: "t", start_index: 0, end_index: 2 };
  const source = { annotations: [{ type: "url_citation", url_citation: cited }] };
  const call = { tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "{}" } }] };
  const partsOf = (...deltas: object[]) => {
    const decoder = chatDialects["openai-chat"].startDecoder();
    const chunk = (delta: object, finish_reason: string | null) =>
      decoder.step({ event: "", data: JSON.stringify({ id: "1", choices: [{ index: 0, delta, finish_reason }] }) });
    const events = [...deltas.flatMap((delta) => chunk(delta, null)), ...chunk({}, "stop"), ...decoder.end()];
    return collectAnswer(events).answer.candidates[0]?.parts;
  };
  const text = (from: number) => ({
    type: "text",
    text: "Hello",
    citations: [{ kind: "url", url: cited.url, title: "t", ...(from > 0 ? {} : { start: 0, end: 2 }) }],
  });

  test.each([
    ["before the text", [source, { content: "Hello" }], [text(0)]],
    ["beside its first piece", [{ content: "Hello", ...source }], [text(0)]],
    ["before the text behind a thought", [{ reasoning: "Hm." }, source, { content: "Hello" }], [{}, text(0)]],
    ["of a text that has ended", [{ content: "Hi." }, call, source, { content: "Hello" }], [{}, {}, text(1)]],
    ["after all texts", [{ content: "Hello" }, call, source], [{}, {}, { type: "native", kind: "url_citation" }]],
    ["without any text", [source], [{ type: "native", kind: "url_citation" }]],
  ])("%s", (_when, deltas, parts) => {
    expect(partsOf(...deltas)).toMatchObject(parts);
  });
});

type Piece = [index: number | undefined, id: string | undefined, name: string | undefined, text: string];
const [WHOLE, HALF, REST] = ['{"x":1}', '{"x', '":1}'];

test.each<[how: string, pieces: Piece[], ids: string[]]>([
  [
    "numbered",
    [
      [0, "a", "f", HALF],
      [0, "", "", REST],
      [1, "b", "f", HALF],
      [1, "", "", REST],
    ],
    ["a", "b"],
  ],
  [
    "all numbered 0",
    [
      [0, "a", "f", WHOLE],
      [0, "b", "f", WHOLE],
    ],
    ["a", "b"],
  ],
  [
    "all numbered 0, in pieces",
    [
      [0, "a", "f", HALF],
      [0, "", "", REST],
      [0, "b", "f", HALF],
      [0, "", "", REST],
    ],
    ["a", "b"],
  ],
  [
    "not numbered",
    [
      [undefined, "a", "f", WHOLE],
      [undefined, "b", "f", WHOLE],
    ],
    ["a", "b"],
  ],
  [
    "one, named in each piece",
    [
      [0, "a", "f", HALF],
      [0, "a", "f", REST],
    ],
    ["a"],
  ],
  [
    "one, with another id in each piece",
    [
      [0, "a", "f", HALF],
      [0, "b", "f", REST],
    ],
    ["a"],
  ],
])("calls of a Chat stream: %s", (_how, pieces, ids) => {
  const decoder = chatDialects["openai-chat"].startDecoder();
  const chunk = (delta: object, finish_reason: string | null) =>
    decoder.step({ event: "", data: JSON.stringify({ id: "1", choices: [{ index: 0, delta, finish_reason }] }) });
  const begun = pieces.flatMap(([index, id, name, text]) =>
    chunk({ tool_calls: [{ index, id, function: { name, arguments: text } }] }, null),
  );
  const { answer } = collectAnswer([...begun, ...chunk({}, "tool_calls"), ...decoder.end()]);
  const parts = ids.map((id) => ({ type: "tool_call", id, name: "f", kind: "function", arguments: WHOLE }));
  expect(answer.candidates[0]?.parts).toEqual(parts);
});

test("Responses: a call whose name is told at its end only is told with it", () => {
  const item = { type: "function_call", id: "fc", call_id: "c", arguments: "{}" };
  const decoder = chatDialects["openai-responses"].startDecoder();
  const read = (event: object) => decoder.step({ event: "", data: JSON.stringify({ output_index: 0, ...event }) });
  const events = [
    ...read({ type: "response.output_item.added", item: { ...item, name: null, arguments: "" } }),
    ...read({ type: "response.function_call_arguments.delta", delta: "{}" }),
    ...read({ type: "response.output_item.done", item: { ...item, name: "weather" } }),
  ];
  expect(events.filter(({ type }) => type === "part_start")).toMatchObject([{ head: { name: "weather" } }]);
  expect(events.at(-1)).toMatchObject({ type: "part_end", final: { id: "c", name: "weather", arguments: "{}" } });
});

test.each(["BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"])("Gemini: %s is no block", (blockReason) => {
  const { answer } = chatDialects["google-generate-content"].decodeAnswer({
    candidates: [{ content: { parts: [{ text: "Hi." }] }, finishReason: "STOP" }],
    promptFeedback: { blockReason },
  });
  expect(answer.candidates[0]?.stop.reason).toBe("end_turn");
});
