import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { TargetModel } from "../../../worker/canonical/target-model.ts";
import { snakeCase } from "../../../worker/dialects/fields.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { isObject } from "../../../worker/lib/json.ts";
import { anthropicMessages } from "../../support/translation-properties/fields/anthropic-messages.ts";
import { googleGenerateContent } from "../../support/translation-properties/fields/google-generate-content.ts";
import { openaiChat } from "../../support/translation-properties/fields/openai-chat.ts";
import { openaiResponses } from "../../support/translation-properties/fields/openai-responses.ts";
import { difference, judge, used, type Verdict } from "../../support/translation-properties/judge.ts";
import { planOrRefusal } from "../../support/translation-properties/plan.ts";
import { type Mutation, mutationsOf, type Shape } from "../../support/translation-properties/shape.ts";
import { SILENT } from "../../support/translation-properties/silent-fields.ts";

/**
 * The loss ledger has no hole: each documented field of each dialect, added to a request, reaches the other dialect's
 * provider, or is named with its path, or is one of the few that silent-fields.ts gives a reason for.
 */

/** A model that the catalogue does not know, one that reasons, one that does not, and hosts with habits of their own. */
const TARGETS: Record<ChatDialectId, string[]> = {
  "openai-chat": [
    "openai/gpt-99",
    "openai/gpt-6.1-terra",
    "openai/gpt-4.1",
    "openrouter/anthropic/claude-sonnet-5.5",
    "compatible/some-model",
  ],
  "openai-responses": ["openai/gpt-99", "openai/gpt-6.1-sol", "openai/gpt-4.1"],
  "anthropic-messages": ["anthropic/claude-9", "anthropic/claude-opus-5-5", "anthropic/claude-sonnet-4-5"],
  "google-generate-content": [
    "google/gemini-9",
    "google/gemini-3.6-flash",
    "google/gemini-2.5-flash",
    "google/gemini-nano-banana-2.1",
  ],
};

/** Below these members names are the client's own data. */
const DATA = new Set([
  "args",
  "response",
  "parametersJsonSchema",
  "responseJsonSchema",
  "labels",
  "properties",
  "partMetadata",
]);

function snaked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snaked);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [snakeCase(key), DATA.has(key) ? inner : snaked(inner)]),
  );
}

/** The same request in proto JSON's other spelling. */
const respelled = (mutation: Mutation): Mutation => ({
  ...mutation,
  path: snakeCase(mutation.path),
  base: snaked(mutation.base) as Mutation["base"],
  mutated: snaked(mutation.mutated) as Mutation["mutated"],
  sample: DATA.has(mutation.path.replace(/^.*\./, "")) ? mutation.sample : snaked(mutation.sample),
});

const TABLES: { client: ChatDialectId; spelling: string; shape: Shape; of: (shape: Shape) => Iterable<Mutation> }[] = [
  { client: "openai-chat", spelling: "", shape: openaiChat, of: mutationsOf },
  { client: "openai-responses", spelling: "", shape: openaiResponses, of: mutationsOf },
  { client: "anthropic-messages", spelling: "", shape: anthropicMessages, of: mutationsOf },
  { client: "google-generate-content", spelling: "in camelCase", shape: googleGenerateContent, of: mutationsOf },
  {
    client: "google-generate-content",
    spelling: "in snake_case",
    shape: googleGenerateContent,
    of: (shape) => [...mutationsOf(shape)].map(respelled),
  },
];

describe.each(TABLES)("$client $spelling", ({ client, shape, of }) => {
  const others = (Object.keys(TARGETS) as ChatDialectId[]).filter((one) => one !== client);
  test.each(others)("to %s: nothing escapes", async (upstream) => {
    const escaped: string[] = [];
    const unlikeStrict: string[] = [];
    const counts: Record<Verdict, number> = { refused: 0, named: 0, arrives: 0, silent: 0, escaped: 0 };
    for (const model of TARGETS[upstream]) {
      for (const mutation of of(shape)) {
        const options = { client, model, upstream };
        const without = await planOrRefusal(mutation.base, options);
        const withField = await planOrRefusal(mutation.mutated, options);
        const verdict = judge(mutation, client, upstream, without, withField);
        counts[verdict]++;
        if (!(withField instanceof GatewayError)) {
          const strict = await planOrRefusal(mutation.mutated, { ...options, strict: true });
          // A loss is an error then, and nothing else is.
          const refused = strict instanceof GatewayError ? strict.code : "taken";
          const expected = withField.losses.any ? "translation_loss" : "taken";
          if (refused !== expected) unlikeStrict.push(`${mutation.pattern} → ${model}: ${refused}, not ${expected}`);
        }
        if (verdict === "escaped") {
          const shown = `${mutation.pattern} = ${JSON.stringify(mutation.sample)}`;
          escaped.push(`${shown} → ${model}: ${difference(without, withField)}`);
        }
      }
    }
    console.info(`${client} → ${upstream}:`, JSON.stringify(counts));
    expect(escaped).toEqual([]);
    expect(unlikeStrict).toEqual([]);
  });

  test("to itself: it is what it was", () => {
    const dialect = chatDialects[client];
    const target: TargetModel = { name: "a-model", owner: "none", files: null, reasoning: {}, quirks: new Set() };
    for (const { pattern, mutated } of of(shape)) {
      // What stands for an item that only OpenAI keeps is refused by every other host.
      if (pattern === "input[item_reference]") continue;
      const { body } = dialect.encodeRequest(
        dialect.decodeRequest(mutated, { model: "a-model", stream: false }),
        target,
        new Losses(),
      );
      // A choice of a tool that nobody declared is one of a function.
      if (!/^tool_choice\(custom\)/.test(pattern)) expect(body, pattern).toEqual(mutated);
    }
  });
});

test("every row of the silent fields is needed", () => {
  for (const [client, rows] of Object.entries(SILENT)) {
    expect(rows.filter((row) => !used.has(row)).map((row) => `${client}: ${row.field}`)).toEqual([]);
  }
});
