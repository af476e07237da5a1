import { describe, expect, test } from "vitest";
import { chatBody, messagesOf, settingsProblem } from "../../../dashboard/pages/playground/chat-request.ts";
import {
  type Answer,
  addTurn,
  answerOf,
  branchOf,
  type Column,
  chooseBranch,
  emptyThread,
  NO_SETTINGS,
  standAnswer,
  type Thread,
  type Turn,
} from "../../../dashboard/pages/playground/thread.ts";
import { asJson, asMarkdown, fileName } from "../../../dashboard/pages/playground/thread-file.ts";

const column: Column = { id: "c1", model: "openai/gpt-6.1-sol", settings: NO_SETTINGS };
const answer = (text: string, state: Answer["state"] = "done"): Answer => ({
  ...{ id: text, state, text, reasoning: "", calls: [], failure: null, model: "m", requestId: null, provider: null },
  ...{
    upstreamModel: null,
    attempts: 1,
    warnings: [],
    firstMs: 1,
    durationMs: 2,
    outputTokens: 1,
    inputTokens: 1,
    cost: null,
  },
});
const turn = (id: string, parent: string | null, said?: Answer): Turn => ({
  ...{ id, parent, text: `ask ${id}`, attachments: [], answers: said ? { c1: [said] } : {} },
});
const thread = (...turns: Turn[]): Thread => turns.reduce(addTurn, emptyThread("t", 0, [column]));
const ids = (of: Thread) => branchOf(of).map(({ id }) => id);

describe("a thread's branches", () => {
  test("go on, and stand beside each other where one was edited", () => {
    const first = thread(turn("a", null), turn("b", "a"), turn("c", "b"));
    expect(ids(first)).toEqual(["a", "b", "c"]);
    const edited = addTurn(first, turn("b2", "a"));
    expect(ids(edited)).toEqual(["a", "b2"]);
    const back = chooseBranch(edited, turn("b2", "a"), -1);
    expect(ids(back)).toEqual(["a", "b", "c"]);
    expect(ids(chooseBranch(back, turn("b", "a"), -1))).toEqual(["a", "b", "c"]);
    expect(ids(chooseBranch(back, turn("b", "a"), 1))).toEqual(["a", "b2"]);
    const begun = addTurn(back, turn("z", null));
    expect(ids(begun)).toEqual(["z"]);
    expect(ids(chooseBranch(begun, turn("z", null), -1))).toEqual(["a", "b", "c"]);
  });

  test("a circle or a branch that is gone ends nothing", () => {
    expect(ids({ ...thread(turn("a", null)), chosen: { "": "gone" } })).toEqual(["a"]);
    expect(ids(emptyThread("t", 0, []))).toEqual([]);
  });
});

describe("a column's answers to one question", () => {
  const asked = { ...turn("a", null), answers: { c1: ["one", "two", "three"].map((text) => answer(text)) } };
  const look = (of: Turn, ...by: (1 | -1)[]): Turn => {
    let now = of;
    for (const step of by) now = { ...now, standing: standAnswer(now, "c1", step) };
    return now;
  };

  test.each<[by: (1 | -1)[], text: string]>([
    [[], "three"],
    [[-1], "two"],
    [[-1, -1], "one"],
    [[-1, -1, -1], "one"],
    [[-1, -1, 1], "two"],
    [[-1, 1, 1], "three"],
  ])("after steps %j is looked at %s, and the next question follows it", (by, text) => {
    const now = look(asked, ...by);
    expect(answerOf(now, "c1")?.text).toBe(text);
    const after = thread(now, turn("b", "a"));
    expect(messagesOf(after, branchOf(after), column)[1]).toEqual({ role: "assistant", content: text });
  });

  test("of a column without answers there is none", () => {
    expect(answerOf(look(asked, -1), "c2")).toBeUndefined();
    expect(standAnswer(asked, "c2", -1)).toEqual({});
  });
});

describe("a thread as a file", () => {
  const first = turn("a", null, answer("hello"));
  const kept = {
    ...thread(
      { ...first, answers: { c1: [answer("never mind"), answer("**hello**")] } },
      turn("b", "a"),
      turn("c", "a"),
    ),
    system: "Be kind.",
  };

  test("is what is read, as Markdown", () => {
    const text = asMarkdown(kept);
    expect(text.match(/^#+ .+$/gm)).toEqual(["# ask a", "## System", "## Question", "### m", "## Question"]);
    for (const part of ["Be kind.", "**hello**", "ask c", "1 tokens in"]) expect(text).toContain(part);
    for (const part of ["never mind", "ask b"]) expect(text).not.toContain(part);
  });

  test("has the images that a model made, and what was voted", () => {
    const drawn = { ...answer("here"), images: ["data:image/png;base64,AA=="] };
    const blind = (vote: string) => ({ order: ["c1"], vote });
    const text = (vote: string) => asMarkdown(thread({ ...turn("a", null, drawn), blind: blind(vote) }));
    expect(text("c1")).toContain("![Image 1](data:image/png;base64,AA==)");
    expect(text("c1")).toContain("Blind vote: A · m\n");
    expect(text("tie")).toContain("Blind vote: a tie\n");
  });

  test("is all there is, as JSON", () => {
    expect(JSON.parse(asJson(kept))).toEqual(kept);
    expect(fileName(kept)).toBe("playground-1970-01-01-t");
  });
});

describe("what is sent", () => {
  test("is what this column said, without what failed, and not the answer that is asked anew", () => {
    const asked = thread(
      turn("a", null, answer("hello")),
      turn("b", "a", answer("", "failed")),
      turn("c", "b", answer("old")),
    );
    expect(messagesOf({ ...asked, system: "Be brief." }, branchOf(asked), column)).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "ask a" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "ask b" },
      { role: "user", content: "ask c" },
    ]);
  });

  test("has images and documents before the words", () => {
    const [image, pdf] = [
      { name: "a.png", type: "image/png", data: "data:image/png;base64,AA==" },
      { name: "b.pdf", type: "application/pdf", data: "data:application/pdf;base64,AA==" },
    ];
    const asked = thread({ ...turn("a", null), attachments: [image, pdf] });
    expect(messagesOf(asked, branchOf(asked), column)[0]?.content).toEqual([
      { type: "image_url", image_url: { url: image.data } },
      { type: "file", file: { filename: "b.pdf", file_data: pdf.data } },
      { type: "text", text: "ask a" },
    ]);
  });

  test("has only the settings that were made", () => {
    const asked = thread(turn("a", null));
    expect(chatBody(asked, branchOf(asked), column, false)).toEqual({
      model: "openai/gpt-6.1-sol",
      messages: [{ role: "user", content: "ask a" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const settings = {
      temperature: "0.5",
      topP: "1",
      maxTokens: "100",
      effort: "low",
      tools: "[]",
      schema: '{"type":"object"}',
    };
    expect(chatBody(asked, branchOf(asked), { ...column, settings }, true)).toMatchObject({
      temperature: 0.5,
      top_p: 1,
      max_completion_tokens: 100,
      reasoning_effort: "low",
      tools: [],
      modalities: ["text", "image"],
      response_format: { type: "json_schema", json_schema: { schema: { type: "object" } } },
    });
  });

  test.each([
    ["temperature", "3"],
    ["topP", "x"],
    ["maxTokens", "1.5"],
    ["tools", "{}"],
    ["tools", "["],
    ["schema", "[]"],
  ])("%s %s is no setting", (name, value) => {
    expect(settingsProblem({ ...column, settings: { ...NO_SETTINGS, [name]: value } })).toBe(name);
    expect(settingsProblem(column)).toBeNull();
  });
});
