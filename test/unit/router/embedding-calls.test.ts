import { describe, expect, test } from "vitest";
import type { EmbeddingInput } from "../../../worker/canonical/embeddings.ts";
import { inputUsage } from "../../../worker/canonical/usage.ts";
import { CallsMeter, estimatedTokens, inCalls, normalized } from "../../../worker/router/embedding-calls.ts";

const input = (text: string, dimensions?: number): EmbeddingInput => ({
  content: { kind: "text", text },
  path: text,
  dimensionsPath: "dimensions",
  ...(dimensions === undefined ? {} : { dimensions }),
});
const inputs = (count: number) => Array.from({ length: count }, (_, index) => input(String(index)));

describe("texts in calls", () => {
  test.each([
    [0, []],
    [1, [1]],
    [100, [100]],
    [101, [100, 1]],
    [250, [100, 100, 50]],
  ])("%i", (count, sizes) => {
    const calls = inCalls(inputs(count), 100);
    expect(calls.map((call) => call.length)).toEqual(sizes);
    expect(calls.flat()).toEqual(inputs(count));
  });

  test("those of another length go apart, in the order they came", () => {
    const mixed = [input("a", 4), input("b", 4), input("c", 8), input("d"), input("e", 4)];
    const calls = inCalls(mixed, 100);
    expect(calls.map((call) => call.map(({ path }) => path).join(""))).toEqual(["ab", "c", "d", "e"]);
  });
});

test("tokens are estimated text by text", () => {
  expect(estimatedTokens([input("four"), input("fives"), input("日本")])).toBe(1 + 2 + 2);
  expect(estimatedTokens([{ content: { kind: "tokens", tokens: [1, 2, 3] }, path: "", dimensionsPath: "" }])).toBe(3);
});

describe("what the calls have used", () => {
  const told = (tokens: number, cost?: number) => ({
    ...inputUsage(tokens),
    raw: { tokens },
    ...(cost === undefined ? {} : { providerCostNano: cost }),
  });

  test("nothing yet", () => {
    expect(new CallsMeter().facts()).toMatchObject({ usage: inputUsage(0), terminal: true });
  });

  test("the provider's own figures, summed", () => {
    const meter = new CallsMeter();
    for (const call of [0, 1, 2]) meter.begin(call, 50);
    meter.finish(1, told(7, 3));
    meter.finish(0, told(5, 2));
    meter.finish(2, told(1, 1));
    const raw = [{ tokens: 7 }, { tokens: 5 }, { tokens: 1 }];
    expect(meter.facts()).toMatchObject({ usage: { ...inputUsage(13), raw, providerCostNano: 6 }, terminal: true });
    expect(meter.usage().estimated).toBeUndefined();
  });

  test("one call's is kept as it came", () => {
    const meter = new CallsMeter();
    meter.begin(0, 50);
    meter.finish(0, told(7));
    expect(meter.usage()).toEqual(told(7));
  });

  test("a call without figures, and one under way, by our estimate; a failed one not at all", () => {
    const meter = new CallsMeter();
    for (const call of [0, 1, 2, 3]) meter.begin(call, 50);
    meter.finish(0, told(7, 3));
    meter.finish(1, null);
    meter.fail(2);
    expect(meter.facts()).toMatchObject({ usage: { ...inputUsage(107), estimated: true }, terminal: false });
    // What only some of the calls told is not the whole cost.
    expect(meter.usage().providerCostNano).toBeUndefined();
    meter.fail(3);
    expect(meter.facts()).toMatchObject({ usage: { ...inputUsage(57), estimated: true }, terminal: true });
  });
});

describe("vectors at length one", () => {
  test.each([
    ["a longer one", [3, 4], [0.6, 0.8]],
    ["a shorter one", [0.03, -0.04], [0.6, -0.8]],
    ["with digits that float32 holds", [1, 2], [0.447213595, 0.894427191]],
  ])("%s", (_what, vector, expected) => {
    expect(normalized(vector)).toEqual(expected);
  });

  test.each([
    ["one of that length", [0.6, 0.8]],
    ["one that float32 has rounded", [0.60000002, 0.80000001]],
    ["none", [0, 0]],
  ])("%s is left", (_what, vector) => {
    expect(normalized(vector)).toBeNull();
  });
});
