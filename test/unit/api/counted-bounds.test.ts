import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundOf, priceFor } from "../../../worker/api/inference/bound.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { providers } from "../../../worker/providers/registry.ts";
import { CountedPrompts } from "../../../worker/router/counted-prompts.ts";
import { prefixesOf } from "../../../worker/router/prompt-prefixes.ts";
import { simulated, worst } from "../../support/bounds/counting.ts";
import { conversation } from "../../support/translation-properties/conversations.ts";
import { written } from "../../support/translation-properties/pairs.ts";
import { DIALECTS, planOrRefusal } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** A conversation turn by turn, each request bounded by what was counted of the one before: never by less than it is. */

const NOW = Date.UTC(2026, 10, 26);
const RUNS = 100;
const LISTS: Record<ChatDialectId, string> = {
  "openai-chat": "messages",
  "openai-responses": "input",
  "anthropic-messages": "messages",
  "google-generate-content": "contents",
};

const MODELS = ["openai/gpt-6-sol", "anthropic/claude-haiku-5-5", "google/gemini-3.1-pro-preview"] as const;

function targetOf(name: string) {
  const slash = name.indexOf("/");
  const provider = providers[name.slice(0, slash) as "openai" | "anthropic" | "google"];
  const upstreamModel = name.slice(slash + 1);
  const model = findModel(provider.id, upstreamModel);
  return { provider, upstreamModel, model, price: priceFor(model, NOW) };
}

/** The same request as it stood after each of its turns. */
function growing(body: JsonObject, list: string): JsonObject[] {
  const turns = body[list];
  return Array.isArray(turns) ? turns.map((_, at) => ({ ...body, [list]: turns.slice(0, at + 1) })) : [];
}

describe.each(MODELS)("a conversation with %s", (name) => {
  test.each(DIALECTS)("in %s is never read as more than was held", async (dialect) => {
    const { readRequest, requestFeatures } = dialects[dialect];
    const target = targetOf(name);
    const { provider, upstreamModel } = target;
    let tighter = 0;
    await fc.assert(
      fc.asyncProperty(conversation, async (generated) => {
        const body = written(generated, dialect);
        if (body === null) return;
        const memories = { worst: new CountedPrompts(), simulated: new CountedPrompts() };
        for (const request of growing(body, LISTS[dialect])) {
          const planned = await planOrRefusal(request, { client: dialect, model: name });
          if (planned instanceof Error) continue;
          const upstream = planned.plan.route.dialect as ChatDialectId;
          const scope = { tenant: "acme", provider: provider.id, upstreamModel, upstream, beta: "" };
          // However short, these are to be hashed.
          const prefixes = prefixesOf(request, 5_000, dialect, scope);
          if (prefixes === null) continue;
          const bytes = Buffer.byteLength(JSON.stringify(request));
          const features = requestFeatures(request, "generate");
          const facts = readRequest(request, { operation: "generate" });
          const asked = { operation: "generate" as const, facts, features, bytes, ...target };
          const plain = boundOf({ ...asked, counted: null });
          for (const [by, tokens] of [
            ["worst", worst(planned.body)],
            // Of a picture's size the simulator knows nothing.
            ["simulated", features.media.length > 0 ? null : simulated(upstream, planned.body)],
          ] as const) {
            if (tokens === null) continue;
            const counted = memories[by].find(prefixes, NOW);
            const { bound, unboundedBy } = boundOf({ ...asked, counted });
            expect([by, unboundedBy !== null || tokens <= bound.inputTokens]).toEqual([by, true]);
            if (bound.inputTokens < plain.bound.inputTokens) tighter += 1;
            memories[by].remember(prefixes, tokens, NOW);
          }
        }
      }),
      { numRuns: RUNS, seed },
    );
    expect(tighter).toBeGreaterThan(0);
  });
});

const haiku = (body: JsonObject, counted: Parameters<typeof boundOf>[0]["counted"]) => {
  const features = dialects["anthropic-messages"].requestFeatures(body, "generate");
  const facts = { outputCap: 1_000, candidates: 1 };
  return boundOf({
    ...{ operation: "generate", facts, features, bytes: 50_000, counted, ...targetOf("anthropic/claude-haiku-5-5") },
  }).bound.inputTokens;
};
const counted = { tokens: 10_000, newBytes: 2_000, isNew: (path: string) => path.startsWith("messages[2]") };
const at = (source: JsonObject) => [{ role: "user", content: [{ type: "image", source }] }];
const URL = { type: "url", url: "https://example.com/a.png" };

describe("beside what was counted", () => {
  test.each<[string, JsonObject, number]>([
    ["the new bytes, and what marks a request", {}, 10_000 + 2_000 + 64],
    ["nothing is held for tools, which were counted", { tools: [{ name: "a", input_schema: {} }] }, 12_064],
    ["an image at an address by its own rule, whenever it came", { messages: at(URL) }, 12_064 + 4_784 + 64],
    ["all of a request with a server tool", { tools: [{ type: "web_search_20260209", max_uses: 0 }] }, 54_064],
  ])("%s", (_, more, expected) => {
    const tokens = haiku({ messages: [], ...more }, counted);
    if (expected > 50_000) expect(tokens).toBeGreaterThanOrEqual(50_000);
    else expect(tokens).toBe(expected);
  });

  test("a new picture's bytes are no text", () => {
    const data = "A".repeat(1_200);
    const picture = at({ type: "base64", media_type: "image/png", data })[0];
    const messages = [{ role: "user", content: "a" }, { role: "assistant", content: "b" }, picture];
    expect(haiku({ messages }, counted)).toBe(10_000 + 2_000 - 1_200 + 64 + 4_784 + 64);
    expect(haiku({ messages: [picture] }, counted)).toBe(10_000 + 2_000 + 64 + 4_784 + 64);
  });
});
