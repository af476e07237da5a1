import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundOf, priceFor } from "../../../worker/api/inference/bound.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Usage } from "../../../worker/canonical/usage.ts";
import { rate } from "../../../worker/catalog/cost.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { providers } from "../../../worker/providers/registry.ts";
import { simulated, worst } from "../../support/bounds/counting.ts";
import { conversation } from "../../support/translation-properties/conversations.ts";
import { written } from "../../support/translation-properties/pairs.ts";
import { DIALECTS, planOrRefusal } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** What providers can make of a request, against what was held for it: in every dialect, sent to every provider. */

const NOW = Date.UTC(2026, 10, 26);
const RUNS = 100;

const MODELS = [
  "openai/gpt-6-sol",
  "anthropic/claude-haiku-5-5",
  "google/gemini-3.1-pro-preview",
  "openrouter/anthropic/claude-opus-5.5",
  "compatible/some-model",
] as const;

function targetOf(name: string) {
  const slash = name.indexOf("/");
  const provider = providers[name.slice(0, slash) as keyof typeof providers];
  const upstreamModel = name.slice(slash + 1);
  const model = findModel(provider.id, upstreamModel);
  return { provider, upstreamModel, model, price: priceFor(model, NOW) };
}

function boundsOf(dialect: ChatDialectId, name: string, body: JsonObject) {
  const { readRequest, requestFeatures } = dialects[dialect];
  const features = requestFeatures(body, "generate");
  const bytes = new TextEncoder().encode(JSON.stringify(body)).byteLength;
  const facts = readRequest(body, { operation: "generate" });
  return { features, ...boundOf({ operation: "generate", facts, features, bytes, counted: null, ...targetOf(name) }) };
}

describe.each(MODELS)("a request to %s", (name) => {
  test.each(DIALECTS)("in %s is never read as more than was held", async (dialect) => {
    let counted = 0;
    await fc.assert(
      fc.asyncProperty(conversation, async (generated) => {
        const body = written(generated, dialect);
        const planned = body === null ? null : await planOrRefusal(body, { client: dialect, model: name });
        if (body === null || planned === null || planned instanceof Error) return;
        const { bound, unboundedBy } = boundsOf(dialect, name, body);
        if (unboundedBy !== null) return;
        expect(worst(planned.body)).toBeLessThanOrEqual(bound.inputTokens);
        const tokens = simulated(planned.plan.route.dialect as ChatDialectId, planned.body);
        if (tokens === null) return;
        counted += 1;
        expect(tokens).toBeLessThanOrEqual(bound.inputTokens);
      }),
      { numRuns: RUNS, seed },
    );
    expect(counted).toBeGreaterThan(0);
  });
});

/** What a client may ask for that changes prices, in each dialect's words. */
const ASKED: Record<ChatDialectId, JsonObject[]> = {
  "openai-chat": [
    {},
    { service_tier: "priority" },
    { service_tier: "flex" },
    { n: 3 },
    { prompt_cache_options: { ttl: "12h" } },
  ],
  "openai-responses": [{}, { service_tier: "priority" }, { service_tier: "auto" }, { max_output_tokens: 16 }],
  "anthropic-messages": [
    {},
    { cache_control: { type: "ephemeral" } },
    { cache_control: { type: "ephemeral", ttl: "1h" } },
    { speed: "fast" },
    { max_tokens: 1 },
  ],
  "google-generate-content": [
    {},
    { generationConfig: { candidateCount: 2, maxOutputTokens: 50 } },
    { serviceTier: "flex" },
  ],
};

const PLAIN: Record<ChatDialectId, JsonObject> = {
  "openai-chat": { messages: [{ role: "user", content: "a" }] },
  "openai-responses": { input: "a" },
  "anthropic-messages": { max_tokens: 100, messages: [{ role: "user", content: "a" }] },
  "google-generate-content": { contents: [{ parts: [{ text: "a" }] }] },
};

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(MODELS.filter((name) => !name.startsWith("compatible/")))("the cost of a request to %s", (name) => {
  test.each(DIALECTS)("in %s is never more than was held, however its tokens are billed", (dialect) => {
    const { provider, model, price } = targetOf(name);
    fc.assert(
      fc.property(
        fc.constantFrom(...ASKED[dialect]),
        fc.constantFrom("a", "a".repeat(150_000), "a".repeat(400_000)),
        fc.tuple(share, share, share, share),
        fc.boolean(),
        (asked, text, [read, write, longer, wrote], granted) => {
          const { bound, features, unboundedBy } = boundsOf(dialect, name, { ...PLAIN[dialect], ...asked, user: text });
          // Another vendor's word is not passed on, or not billed; this one's own is.
          if (unboundedBy !== null) return;
          const total = bound.inputTokens;
          const writes = model?.capabilities?.promptCaching === "explicit" ? features.cacheWrites : (["30m"] as const);
          const cacheRead = Math.floor(total * read);
          const cacheWrite = writes.length === 0 ? 0 : Math.floor((total - cacheRead) * write);
          const life = writes[Math.floor(longer * writes.length)] ?? writes[0];
          const usage: Usage = {
            input: { total, uncached: total - cacheRead - cacheWrite, cacheRead, cacheWrite },
            output: { total: Math.floor(bound.outputTokens * wrote) },
            ...(granted && features.service !== null ? { serviceTier: features.service.word } : {}),
          };
          if (life !== undefined && cacheWrite > 0) usage.input[`cacheWrite${life}`] = cacheWrite;
          expect([provider.id, rate(price, usage).costNano <= bound.costNano]).toEqual([provider.id, true]);
        },
      ),
      { seed },
    );
  });
});
