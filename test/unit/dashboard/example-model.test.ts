import { expect, test } from "vitest";
import { exampleModel } from "../../../dashboard/snippets/target.ts";

test.each<[string, readonly string[] | null, string]>([
  ["everything", null, "openai/gpt-6.1-sol"],
  ["a provider", ["google/*"], "google/gemini-3.8-flash"],
  ["one of ours among others", ["fast", "anthropic/claude-sonnet-5-5"], "anthropic/claude-sonnet-5-5"],
  ["another model", ["openai/gpt-6-sol"], "openai/gpt-6-sol"],
  ["a route", ["fast"], "fast"],
  ["another provider's models only", ["openrouter/*"], "openai/gpt-6.1-sol"],
])("for a key that may ask %s", (_, allowed, model) => expect(exampleModel(allowed)).toBe(model));
