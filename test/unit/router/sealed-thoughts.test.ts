import { describe, expect, test } from "vitest";
import { RefusedThoughts, thoughtsIn, thoughtsOf, withoutThoughts } from "../../../worker/router/sealed-thoughts.ts";

const thought = (sealed: unknown) => ({ type: "reasoning", id: "rs_1", summary: [], encrypted_content: sealed });
const user = { role: "user", content: "hi" };
const bodyOf = (...input: unknown[]) => ({ model: "m", input });

test.each([
  ["no thoughts", bodyOf(user), []],
  ["thoughts", bodyOf(user, thought("one"), user, thought("two")), [1, 3]],
  ["what is not sealed", bodyOf(thought(null), { type: "reasoning", id: "rs_1" }), []],
  ["what is no thought", bodyOf({ type: "compaction", encrypted_content: "one" }, "text", null), []],
  ["a text as input", { model: "m", input: 'a "encrypted_content"' }, []],
  ["a text about it", bodyOf({ role: "user", content: '{"type":"reasoning","encrypted_content":"x"}' }), []],
])("%s", (_, body, places) => {
  expect(thoughtsOf(body).map(({ index }) => index)).toEqual(places);
  expect(thoughtsIn(JSON.stringify(body))).toEqual(thoughtsOf(body));
});

test("what has no thoughts in it is not even read", () => {
  expect(thoughtsIn("no JSON at all")).toEqual([]);
});

test("they leave the text, and nothing else of it changes", () => {
  const text =
    '{ "input" : [ {"role":"user","content":"h\\u0069"} ,\n {"type":"reasoning","encrypted_content":"x"} , "t" ] }';
  const left = withoutThoughts(text, thoughtsIn(text));
  expect(left).toBe('{ "input" : [ {"role":"user","content":"h\\u0069"} , "t" ] }');
});

describe("what was refused", () => {
  const text = JSON.stringify(bodyOf(thought("one"), thought("two")));
  const [one, two] = thoughtsIn(text);

  test("is known of the target that refused it, alone", () => {
    const refused = new RefusedThoughts();
    expect(refused.in(text, "openai/m@a")).toEqual([]);
    refused.learn("openai/m@a", one === undefined ? [] : [one]);
    expect(refused.in(text, "openai/m@a")).toEqual([one]);
    expect(refused.in(text, "openai/m@b")).toEqual([]);
    // Wherever it stands.
    const later = JSON.stringify(bodyOf(user, thought("one")));
    expect(refused.in(later, "openai/m@a")).toEqual([{ ...one, index: 1 }]);
  });

  test("is forgotten when there is too much of it, the oldest first", () => {
    const refused = new RefusedThoughts();
    refused.learn(
      "openai/m@a",
      [one, two].flatMap((thought) => thought ?? []),
    );
    refused.learn(
      "openai/m@a",
      Array.from({ length: 19_999 }, (_, index) => ({ index, mark: String(index) })),
    );
    expect(refused.in(text, "openai/m@a")).toEqual([two]);
  });
});
