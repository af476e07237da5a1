import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fallbacksIn, readWanted } from "../../../worker/api/inference/fallbacks.ts";
import type { InferenceCall } from "../../../worker/api/inference/infer.ts";
import { bodyOf } from "../../../worker/api/inference/read-body.ts";
import { GatewayError } from "../../../worker/errors.ts";

const CHAT: InferenceCall = { dialect: "openai-chat", operation: "generate" };
const RESPONSES: InferenceCall = { dialect: "openai-responses", operation: "generate" };
const GEMINI: InferenceCall = { dialect: "google-generate-content", operation: "generate", model: "in/path" };

const want = (text: string, header = "", call = CHAT) =>
  readWanted(fallbacksIn(new Headers({ "x-gaia-fallbacks": header })), call, bodyOf(text));

/** What is wrong, and with what. */
function refusalOf(run: () => unknown): [code: string, param: string | null] {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return [error.code, error.param];
    throw error;
  }
  throw new Error("it was taken");
}

/** A member of a JSON object as it is written. */
interface Member {
  name: string;
  value: unknown;
  /** White space before the name, around the colon and after the value. */
  spaces: [string, string, string, string];
  /** Spell the name with escapes. */
  escaped: boolean;
}

const spelledOut = (text: string): string =>
  `"${[...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;

function written({ name, value, spaces: [before, left, right, after], escaped }: Member) {
  const spelled = escaped ? spelledOut(name) : JSON.stringify(name);
  return { before, after, name: spelled, core: `${spelled}${left}:${right}${JSON.stringify(value)}` };
}

const spaces = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 3 });
const around = fc.tuple(spaces, spaces, spaces, spaces);
/** Values that look like what is looked for, beside any others. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    { models: ["x"] },
    [{ models: ["y"] }],
    '"models":["z"],',
    "\\",
    '\\"models',
    'a","models":[',
  ),
);
const other = fc.record<Member>({
  name: fc.oneof(
    // V8 13.6 reads a name `a"` as `a\` where an object of that name came before: no name here ends in a backslash.
    fc.string().filter((name) => name !== "models" && name !== "model" && !name.endsWith("\\")),
    fc.constantFrom("model s", "Models", 'models"', "\\models", "🦙"),
  ),
  ...{ value, spaces: around, escaped: fc.constant(false) },
});
const others = fc.uniqueArray(other, { selector: ({ name }) => name, maxLength: 4 });
const list = fc.record<Member>({
  name: fc.constant("models"),
  value: fc.array(fc.constantFrom("openai/a", "anthropic/b", 'quo"ted', "back\\slash"), { minLength: 1, maxLength: 4 }),
  ...{ spaces: around, escaped: fc.boolean() },
});
const place = fc.nat({ max: 9 });

/** Puts a member at a place among others, the last one where there are not so many. */
const put = (members: readonly Member[], member: Member, at: number): Member[] => [
  ...members.slice(0, at),
  member,
  ...members.slice(at),
];

const objectOf = (cores: string[], lead: string): string => `${lead}{${cores.join(",")}}${lead}`;
const whole = ({ before, core, after }: ReturnType<typeof written>): string => before + core + after;

describe("the list is taken out of the body's text", () => {
  test("with one comma, and every other byte stays", () => {
    const named = fc.record<Member>({
      ...{ name: fc.constant("model"), value: fc.constant("openai/gpt-4.1"), spaces: around, escaped: fc.boolean() },
    });
    fc.assert(
      fc.property(others, named, place, list, place, spaces, (rest, model, at, models, listAt, lead) => {
        const members = put(put(rest, model, at), models, listAt);
        const index = members.indexOf(models);
        const pieces = members.map(written);
        const texts = pieces.map(whole);
        const kept = texts.toSpliced(index, 1);
        const cut = pieces[index];
        // White space before a first member stays, and white space after any other.
        if (index === 0) kept[0] = cut?.before + (kept[0] ?? "");
        else kept[index - 1] += cut?.after ?? "";
        const { body, model: found } = want(objectOf(texts, lead));
        expect(body.text).toBe(objectOf(kept, lead));
        expect(found).toBe("openai/gpt-4.1");
        const { models: _, ...expected } = JSON.parse(objectOf(texts, lead));
        expect(body.body).toEqual(expected);
        expect(Object.keys(body.body)).toEqual(Object.keys(expected));
        expect(body.bytes).toBe(Buffer.byteLength(body.text));
      }),
    );
  });

  test("and its first name put in its place, where no model is named", () => {
    fc.assert(
      fc.property(others, list, place, spaces, (rest, models, at, lead) => {
        const members = put(rest, models, at);
        const pieces = members.map(written);
        const [first] = models.value as string[];
        const { body, model } = want(objectOf(pieces.map(whole), lead));
        const expected = pieces.map((piece, index) =>
          members[index] === models ? whole({ ...piece, core: `"model":${JSON.stringify(first)}` }) : whole(piece),
        );
        expect(model).toBe(first);
        expect(body.text).toBe(objectOf(expected, lead));
        expect(body.body).toMatchObject({ model: first });
        expect(body.body).not.toHaveProperty("models");
      }),
    );
  });

  test.each([
    ['{"model":null,"models":["openai/a"]}', '{"model":"openai/a"}'],
    ['{"models":["openai/a"],"model": null }', '{"model": "openai/a" }'],
    ['{"model":"openai/a","models":null}', '{"model":"openai/a"}'],
    ['{"models" : [] , "model":"openai/a"}', '{ "model":"openai/a"}'],
    ['{"model":"openai/a","models":["openai/a"]}', '{"model":"openai/a"}'],
  ])("of %s", (text, left) => {
    expect(want(text)).toMatchObject({ model: "openai/a", fallbacks: [], body: { text: left } });
  });

  test.each([
    ["OpenRouter reads it itself", '{"model":"openrouter/a","models":["b"]}', CHAT],
    ["Responses has none", '{"model":"openai/a","models":["b"]}', RESPONSES],
    ["Gemini has none", '{"models":["b"]}', GEMINI],
  ])("not where %s", (_, text, call) => {
    expect(want(text, "", call)).toMatchObject({ fallbacks: [], body: { text } });
  });

  test("of a body that is mostly white space, in no time that grows with its square", () => {
    const blank = " ".repeat(4_000_000);
    const { body } = want(`{${blank}"model":"openai/a",${blank}"models"${blank}:${blank}["openai/b"]${blank}}`);
    expect(body.text).toBe(`{${blank}"model":"openai/a"${blank}}`);
  });
});

describe("the names", () => {
  const params = (text: string, header = "", call = CHAT) =>
    want(text, header, call).fallbacks.map(({ name, param }) => `${param}: ${name}`);

  test("are the header's, then the list's, each once and not the model's own", () => {
    const body = { model: "a", models: ["b", "a", "c", "b", "d"] };
    expect(params(JSON.stringify(body), "c, a, e")).toEqual([
      "x-gaia-fallbacks: c",
      "x-gaia-fallbacks: e",
      "models[0]: b",
      "models[4]: d",
    ]);
  });

  test.each([
    ["", []],
    [",", []],
    [" , ,a,, b ,", ["a", "b"]],
    ["a,a , a", ["a"]],
    ["m", []],
  ])("of a header %j", (header, names) => {
    expect(want('{"model":"m"}', header).fallbacks.map(({ name }) => name)).toEqual(names);
    expect(want('{"model":"m"}', header, RESPONSES).fallbacks.map(({ name }) => name)).toEqual(names);
  });

  const many = (count: number) => Array.from({ length: count }, (_, at) => `openai/m${at}`);

  test("are eight at most, of as many as are said", () => {
    const eight = many(8);
    expect(want(JSON.stringify({ model: "m", models: [...eight, ...eight, "m"] }), "").fallbacks).toHaveLength(8);
    expect(want(JSON.stringify({ model: "m", models: eight }), eight.join()).fallbacks).toHaveLength(8);
    expect(want(JSON.stringify({ models: ["m", ...eight] })).fallbacks).toHaveLength(8);
  });

  test.each<[string, object, string, string, string]>([
    ["nine in the list", { model: "m", models: many(9) }, "", "invalid_value", "models"],
    ["17 in the list", { model: "m", models: many(17) }, "", "invalid_value", "models"],
    ["nine in the header", { model: "m" }, many(9).join(), "invalid_value", "x-gaia-fallbacks"],
    ["nine in both", { model: "m", models: many(9) }, many(2).join(), "invalid_value", "models"],
    ["a list that is none", { model: "m", models: "openai/a" }, "", "invalid_value", "models"],
    ["an object", { model: "m", models: { 0: "openai/a" } }, "", "invalid_value", "models"],
    ["a number in the list", { model: "m", models: ["openai/a", 1] }, "", "invalid_value", "models"],
    ["null in the list", { models: [null] }, "", "invalid_value", "models"],
    ["an empty name", { model: "m", models: ["a", ""] }, "", "invalid_model", "models[1]"],
    ["an empty first name", { models: ["", "a"] }, "", "invalid_model", "model"],
    ["a name of spaces", { model: "m", models: ["  "] }, "", "invalid_model", "models[0]"],
    ["a name of two lines", { model: "m", models: ["a\nb"] }, "", "invalid_model", "models[0]"],
    ["a name of 257 characters", { model: "m" }, `a, ${"x".repeat(257)}`, "invalid_model", "x-gaia-fallbacks"],
    ["an empty list and no model", { models: [] }, "", "missing_required_parameter", "model"],
    ["neither", {}, "openai/a", "missing_required_parameter", "model"],
    ["a model that is none", { model: 1, models: ["openai/a"] }, "", "invalid_model", "model"],
  ])("%s", (_, body, header, code, param) => {
    expect(refusalOf(() => want(JSON.stringify(body), header))).toEqual([code, param]);
  });

  test("are not compared each with each: a list may be as long as a body", () => {
    const same = Array.from({ length: 200_000 }, () => "openai/b");
    expect(want(JSON.stringify({ model: "m", models: same })).fallbacks).toHaveLength(1);
    const different = many(200_000);
    expect(refusalOf(() => want(JSON.stringify({ model: "m", models: different })))).toEqual([
      "invalid_value",
      "models",
    ]);
  });
});
