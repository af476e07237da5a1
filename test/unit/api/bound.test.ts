import { expect, test } from "vitest";
import { boundOf, priceFor } from "../../../worker/api/inference/bound.ts";
import { findModel } from "../../../worker/catalog/models.ts";

const NOW = Date.UTC(2026, 10, 23);
const facts = { outputCap: null, candidates: 1 };

const bound = (operation: "generate" | "count_tokens" | "embed", name: string, bytes: number, more = {}) => {
  const slash = name.indexOf("/");
  const model = findModel(name.slice(0, slash), name.slice(slash + 1));
  return boundOf({ operation, facts: { ...facts, ...more }, model, price: priceFor(model, NOW), bytes });
};

test("an answer: the window at most, and the cap for each candidate", () => {
  expect(bound("generate", "openai/gpt-4.1", 500, { outputCap: 100, candidates: 3 })).toMatchObject({
    inputTokens: 500,
    outputTokens: 300,
  });
  const most = bound("generate", "openai/gpt-4.1", 30_000_000);
  expect(most.inputTokens).toBe(findModel("openai", "gpt-4.1")?.contextWindow);
  expect(most.outputTokens).toBe(findModel("openai", "gpt-4.1")?.maxOutputTokens);
});

test.each(["openai/text-embedding-3-small", "google/gemini-embedding-001", "compatible/some-model"])(
  "embeddings with %s have no output, and each input has its own window",
  (name) => {
    expect(bound("embed", name, 1_000_000)).toMatchObject({ inputTokens: 1_000_000, outputTokens: 0 });
  },
);

test("embeddings hold what they can cost", () => {
  // 0.02 USD per million tokens.
  expect(bound("embed", "openai/text-embedding-3-small", 1_000_000).costNano).toBe(20_000_000);
});

test("a count holds nothing, so that it costs nothing when nobody settles it", () => {
  const nothing = { inputTokens: 0, outputTokens: 0, costNano: 0 };
  expect(bound("count_tokens", "openai/gpt-6.1-sol", 1_000_000)).toEqual(nothing);
});
