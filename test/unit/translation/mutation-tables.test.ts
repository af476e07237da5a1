import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anthropicMessages } from "../../support/translation-properties/fields/anthropic-messages.ts";
import {
  generationConfig,
  googleGenerateContent,
} from "../../support/translation-properties/fields/google-generate-content.ts";
import { openaiChat } from "../../support/translation-properties/fields/openai-chat.ts";
import { openaiResponses } from "../../support/translation-properties/fields/openai-responses.ts";
import { SdkTypes } from "../../support/translation-properties/sdk-types.ts";
import { type Field, of } from "../../support/translation-properties/shape.ts";

/** The tables that mutation-fields.test.ts tries hold every member that the official SDKs' types document. */

let types: SdkTypes;
beforeAll(() => {
  types = new SdkTypes();
});
afterAll(() => types.close());

describe.each([
  { type: "Chat", shape: openaiChat },
  { type: "Responses", shape: openaiResponses },
  { type: "AnthropicBeta", shape: anthropicMessages },
  { type: "Gemini", shape: googleGenerateContent },
])("$type", ({ type, shape }) => {
  test("the table has every documented member, and none beside them unmarked", () => {
    expect(types.compare(type, shape)).toEqual({ lacking: [], beyond: [] });
  });
});

test("what a released Messages request has, its beta has too", () => {
  expect(types.compare("Anthropic", anthropicMessages).lacking).toEqual([]);
});

test("generationConfig by its own name", () => {
  expect(types.compare("GeminiGenerationConfig", generationConfig).lacking).toEqual([]);
});

test("a member that a table lacks is found, at whatever depth", () => {
  const { temperature: _, ...fields } = openaiChat.fields;
  expect(types.compare("Chat", { ...openaiChat, fields }).lacking).toEqual(["temperature"]);
  const moderation = openaiChat.fields.moderation as Field;
  const shallow = { ...openaiChat, fields: { ...openaiChat.fields, moderation: { ...moderation, one: {} } } };
  expect(types.compare("Chat", shallow).lacking).toEqual(["moderation"]);
  const invented = { ...openaiChat, fields: { ...openaiChat.fields, invented: of(1) } };
  expect(types.compare("Chat", invented).beyond).toEqual(["invented"]);
});
