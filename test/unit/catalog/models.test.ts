import { describe, expect, test } from "vitest";
import { findBareModel, findModel, listModels } from "../../../worker/catalog/models.ts";
import { nearMatches } from "../../../worker/catalog/near-matches.ts";
import { retiredSince } from "../../../worker/catalog/retired.ts";

describe("the data file", () => {
  test("names each model once", () => {
    const ids = listModels().map((model) => model.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(150);
  });

  test("no two vendors give one bare name to different models", () => {
    const names = listModels()
      .filter((model) => model.provider !== "openrouter")
      .map((model) => model.upstreamId);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(listModels().map((model) => [model.id, model] as const))("%s is well-formed", (_id, model) => {
    expect(["openai", "anthropic", "google", "openrouter"]).toContain(model.provider);
    expect(["chat", "embedding", "image", "audio", "moderation"]).toContain(model.kind);
    expect(model.displayName).not.toBe("");
    expect(model.inputModalities.length).toBeGreaterThan(0);
    if (model.kind !== "moderation") expect(model.outputModalities?.length).toBeGreaterThan(0);
    for (const limit of [model.contextWindow, model.maxInputTokens, model.maxOutputTokens]) {
      if (limit !== undefined) expect(Number.isSafeInteger(limit) && limit > 0).toBe(true);
    }
    for (const day of [model.releaseDate, model.deprecationDate]) {
      if (day !== undefined) expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    if (model.provider === "openrouter") expect(model.upstreamId).toContain("/");
  });
});

describe("finding a model", () => {
  test("by provider and name", () => {
    expect(findModel("openai", "gpt-6-sol")?.id).toBe("openai/gpt-6-sol");
    expect(findModel("openrouter", "openai/gpt-6-astra-pro")?.provider).toBe("openrouter");
    expect(findModel("openai", "gpt-7")).toBeNull();
    expect(findModel("nobody", "gpt-6-sol")).toBeNull();
  });

  test.each([
    ["gpt-6-sol", "openai/gpt-6-sol"],
    ["claude-opus-5-5", "anthropic/claude-opus-5-5"],
    ["gemini-3.8-flash", "google/gemini-3.8-flash"],
    ["openai/gpt-6-sol", undefined],
    ["toString", undefined],
    ["", undefined],
  ])("the bare name %j is %s", (name, id) => {
    expect(findBareModel(name)?.id).toBe(id);
  });

  test("a bare name is never a reseller's", () => {
    for (const model of listModels()) expect(findBareModel(model.upstreamId)?.provider).not.toBe("openrouter");
  });
});

describe("near matches", () => {
  test.each([
    ["gpt-6-sl", "gpt-6-sol"],
    ["GPT-6-Sol", "gpt-6-sol"],
    ["gpt6-sol", "gpt-6-sol"],
    ["claude-opus-5.5", "claude-opus-5-5"],
    ["claude-sonet-5", "claude-sonnet-5"],
    ["openai/gpt-6-so", "openai/gpt-6-sol"],
    ["gpt6", "gpt-6-astra"],
  ])("%s is nearest to %s", (name, expected) => {
    expect(nearMatches(name, 3)[0]).toBe(expected);
  });

  test("the beginning of a name finds its family", () => {
    expect(nearMatches("gemini-4", 5)).toEqual(["gemini-4-argon", "gemini-4-carbon", "gemini-4-hydrogen"]);
  });

  test.each(["zzzzzzzzzz", "", " - ", "x".repeat(10_000)])("nothing is near %.20j", (name) => {
    expect(nearMatches(name, 3)).toEqual([]);
  });

  test("never more than asked for", () => {
    expect(nearMatches("gpt-5", 2)).toHaveLength(2);
  });
});

test("a retired name tells its day, and no callable name is retired", () => {
  expect(retiredSince("o1-pro")).toBe("2026-10-23");
  expect(retiredSince("constructor")).toBeNull();
  for (const model of listModels()) {
    if (model.provider !== "openrouter") expect(retiredSince(model.upstreamId)).toBeNull();
  }
});
