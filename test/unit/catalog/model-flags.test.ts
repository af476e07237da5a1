import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { factsOfBody } from "../../../worker/api/admin/model-names.ts";
import { informedModel, knownModel } from "../../../worker/catalog/model-facts.ts";
import { factsPatchSchema } from "../../../worker/catalog/model-facts-schema.ts";
import { type CatalogModel, findModel, listModels } from "../../../worker/catalog/models.ts";
import { retiredSince } from "../../../worker/catalog/retired.ts";

const TRAITS = [
  ...["displayName", "kind", "contextWindow", "maxInputTokens", "maxOutputTokens", "inputModalities"],
  ...["outputModalities", "endpoints", "releaseDate", "deprecationDate"],
] as const;
type Listed = Record<string, unknown> & { id: string; capabilities?: Record<string, unknown> };

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const snaked = (record: object) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [snake(name), value]));

/** A shipped model as an administrator would write it. */
function written({ capabilities, ...model }: CatalogModel) {
  const { provider: _, upstreamId: _id, id: _name, prices: _prices, ...traits } = model;
  return { ...snaked(traits), ...(capabilities === undefined ? {} : { capabilities: snaked(capabilities) }) };
}

describe("what is shipped makes sense", () => {
  const models = listModels();
  const RULES: [string, (model: CatalogModel) => boolean][] = [
    [
      "what embeds answers with vectors, and neither calls nor reasons",
      ({ kind, outputModalities, capabilities = {} }) =>
        kind !== "embedding" ||
        (outputModalities?.join() === "embedding" &&
          !capabilities.tools &&
          !capabilities.structuredOutput &&
          (capabilities.reasoning ?? "none") === "none"),
    ],
    [
      "what chats reads and writes text",
      ({ kind, inputModalities, outputModalities }) =>
        kind !== "chat" || (inputModalities.includes("text") && outputModalities?.includes("text") === true),
    ],
    [
      "what is an image model makes images",
      ({ kind, outputModalities }) => kind !== "image" || outputModalities?.includes("image") === true,
    ],
    [
      "what judges answers with no modality",
      ({ kind, outputModalities }) => (kind === "moderation") === (outputModalities === undefined),
    ],
    [
      "only what calls tools calls several, or must",
      ({ capabilities = {} }) =>
        (!capabilities.parallelTools && !capabilities.forcedToolChoice) || capabilities.tools === true,
    ],
    [
      "only what reasons is steered",
      ({ capabilities }) => capabilities?.reasoning !== "none" || (capabilities.reasoningKnobs ?? []).length === 0,
    ],
    [
      "what needs Responses for tools is served there",
      ({ capabilities, endpoints }) =>
        capabilities?.toolsWithReasoning !== "responses" || endpoints?.includes("responses") === true,
    ],
    [
      "no answer is longer than the window",
      // A model of sound has a window for the text that it reads.
      ({ kind, contextWindow = Infinity, maxOutputTokens = 0, maxInputTokens = 0 }) =>
        kind === "audio" || (maxOutputTokens <= contextWindow && maxInputTokens <= contextWindow),
    ],
    [
      "nothing ends before it began, or has ended",
      ({ releaseDate = "", deprecationDate, upstreamId }) =>
        (deprecationDate === undefined || deprecationDate > releaseDate) && retiredSince(upstreamId) === null,
    ],
    ["everything could be written by an administrator", (model) => factsPatchSchema.safeParse(written(model)).success],
  ];

  test.each(RULES)("%s", (_, holds) => {
    expect(models.filter((model) => !holds(model)).map(({ id }) => id)).toEqual([]);
  });

  const file = process.env.MODEL_FACTS ?? join(import.meta.dirname, "../../../../shared/facts/models.json");
  test.skipIf(!existsSync(file))("and is what the listing it was made from says, field by field", () => {
    const listing = JSON.parse(readFileSync(file, "utf8")) as Listed[];
    const shipped = new Map<string, CatalogModel>(models.map((model) => [model.id, model]));
    const differing = listing.flatMap((listed) => {
      const model = shipped.get(listed.id);
      const { toolsWithReasoning: _, ...flags } = model?.capabilities ?? {};
      const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
      const wrong = TRAITS.filter((name) => !same(listed[name], model?.[name]));
      const names = new Set([...Object.keys(flags), ...Object.keys(listed.capabilities ?? {})]);
      const flagged = [...names].filter(
        (name) => !same(listed.capabilities?.[name], (flags as Record<string, unknown>)[name]),
      );
      return [...wrong, ...flagged].map((name) => `${listed.id}: ${name}`);
    });
    expect([differing, models.length]).toEqual([[], listing.length]);
  });
});

describe("facts of a tenant's own", () => {
  test("stand over what is shipped, flag by flag", () => {
    const shipped = findModel("openai", "gpt-6-sol");
    const known = knownModel("openai/gpt-6-sol", { contextWindow: 1_000, capabilities: { tools: false } });
    expect(known).toEqual({
      ...shipped,
      contextWindow: 1_000,
      capabilities: { ...shipped?.capabilities, tools: false },
    });
    expect(knownModel("openai/gpt-6-sol", null)).toBe(shipped);
    expect(knownModel("openai/nobody-knows", null)).toBeNull();
  });

  test("make a model of which nothing more is claimed than they say", () => {
    const model = informedModel("openrouter/z-ai/new", null, { maxOutputTokens: 5, rates: { input: "1" } });
    expect(model).toEqual({
      ...{ id: "openrouter/z-ai/new", provider: "openrouter", upstreamId: "z-ai/new", displayName: "z-ai/new" },
      ...{ kind: "chat", maxOutputTokens: 5, prices: [] },
      inputModalities: ["text", "image", "pdf", "audio", "video"],
    });
  });

  test("are written as they are stored", () => {
    const body = { max_output_tokens: 5, release_date: null, capabilities: { sampling_params: null, tools: true } };
    expect(factsOfBody(body)).toEqual({
      ...{ maxOutputTokens: 5, releaseDate: null, capabilities: { samplingParams: null, tools: true } },
    });
    expect(factsOfBody({ capabilities: null })).toEqual({ capabilities: null });
  });
});
