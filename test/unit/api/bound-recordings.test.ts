import { describe, expect, test } from "vitest";
import { boundOf } from "../../../worker/api/inference/bound.ts";
import { rate } from "../../../worker/catalog/cost.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { type AnswerFacts, noAnswer } from "../../../worker/dialects/dialect.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import type { ProviderId } from "../../../worker/providers/provider.ts";
import { providers } from "../../../worker/providers/registry.ts";
import { type CountedPrefix, CountedPrompts } from "../../../worker/router/counted-prompts.ts";
import { StreamMeter } from "../../../worker/router/meter.ts";
import { type PromptPrefixes, prefixesOf } from "../../../worker/router/prompt-prefixes.ts";
import { FIXTURES } from "../../fixtures/exchanges.ts";
import { STAND_IN, standInPrice } from "../../support/bounds/stand-ins.ts";
import { type Exchange, loadRecordings } from "../../support/exchanges.ts";

/** Real traffic: no provider has billed more than the bound of the request that it answered. */

const directory = process.env.RECORDINGS ?? "";
const recorded = directory === "" ? [] : loadRecordings(directory);

/** Recordings of Chat come from many hosts; OpenAI's own are told by the model. */
function providerOf({ provider, model = "" }: Exchange): ProviderId {
  return provider === "openai" && !/^(?:gpt-(?!oss)|o\d|chatgpt|text-embedding)/.test(model) ? "compatible" : provider;
}

function factsOf({ dialect, operation, stream, contentType, response }: Exchange): AnswerFacts {
  if (!stream) {
    const text = new TextDecoder().decode(response);
    try {
      return dialects[dialect].readAnswer(JSON.parse(text), { operation });
    } catch {
      return noAnswer();
    }
  }
  const meter = new StreamMeter(dialects[dialect], contentType);
  meter.feed(response);
  return meter.facts;
}

function boundsOf(exchange: Exchange, counted: CountedPrefix | null = null) {
  const id = providerOf(exchange);
  const upstreamModel = exchange.model ?? "stand-in";
  const body = JSON.parse(exchange.request) as JsonObject;
  const dialect = dialects[exchange.dialect];
  const { operation } = exchange;
  const context = { operation, stream: exchange.stream };
  return boundOf({
    operation,
    facts: dialect.readRequest(body, context),
    features: dialect.requestFeatures(body, operation),
    provider: providers[id],
    upstreamModel,
    model: findModel(id, upstreamModel) ?? STAND_IN,
    price: standInPrice(id),
    bytes: new TextEncoder().encode(exchange.request).byteLength,
    counted,
  });
}

/** The prompt, told apart turn by turn; however short, these are to be hashed. */
function prefixesOfRecorded(exchange: Exchange): PromptPrefixes | null {
  const { dialect, headers, model: upstreamModel = "stand-in" } = exchange;
  const beta = headers["anthropic-beta"] ?? "";
  const scope = { tenant: "acme", provider: providerOf(exchange), upstreamModel, upstream: dialect, beta };
  return prefixesOf(JSON.parse(exchange.request) as JsonObject, 5_000, dialect, scope);
}

/** What has been billed above a bound, and why. */
const EXCEPTIONS: Record<string, string> = {
  "openai-chat/pai-groq-web-search-tool-domain-filters": "an agent behind a model's name: it searches unasked",
};

const billed = [...FIXTURES, ...recorded].flatMap((exchange) => {
  const { usage } = factsOf(exchange);
  return usage === null || usage.input.total + usage.output.total === 0 ? [] : [{ exchange, usage }];
});

describe("bounds of recorded traffic", () => {
  test.runIf(recorded.length > 0)("where a provider's tool has run there was none, and hardly anywhere else", () => {
    const real = billed.filter(({ exchange }) => recorded.includes(exchange));
    const without = real.filter(({ exchange }) => boundsOf(exchange).unboundedBy !== null);
    const ran = real.filter(({ usage }) => usage.serverTools !== undefined);
    expect(ran.length).toBeGreaterThan(20);
    expect(ran.filter((one) => !without.includes(one))).toEqual([]);
    expect(without.length).toBeLessThan(real.length / 4);
  });

  test.runIf(recorded.length > 0)(
    "a conversation that went on was billed within what was counted, and what was new",
    () => {
      const told = billed.flatMap((one) => {
        const prefixes = prefixesOfRecorded(one.exchange);
        return prefixes === null ? [] : [{ ...one, prefixes }];
      });
      let tighter = 0;
      for (const { exchange, usage, prefixes } of told) {
        const memory = new CountedPrompts();
        const shorter = told.filter((other) => other.prefixes.turns.length < prefixes.turns.length);
        for (const other of shorter) memory.remember(other.prefixes, other.usage.input.total, 0);
        const counted = memory.find(prefixes, 0);
        if (counted === null) continue;
        const { bound, unboundedBy } = boundsOf(exchange, counted);
        if (unboundedBy !== null) continue;
        expect([exchange.name, usage.input.total <= bound.inputTokens]).toEqual([exchange.name, true]);
        if (bound.inputTokens < boundsOf(exchange).bound.inputTokens) tighter += 1;
      }
      expect(tighter).toBeGreaterThan(40);
    },
  );

  test.each(billed.map((one) => [one.exchange.name, one] as const))("%s", (name, { exchange, usage }) => {
    const { bound, unboundedBy } = boundsOf(exchange);
    if (unboundedBy !== null) return;
    const { providerCostNano: _told, ...counted } = usage;
    const cost = rate(standInPrice(providerOf(exchange)), counted).costNano;
    const holds =
      usage.input.total <= bound.inputTokens && usage.output.total <= bound.outputTokens && cost <= bound.costNano;
    expect({ holds, bound, usage: holds ? null : usage, cost }).toMatchObject({
      holds: EXCEPTIONS[name] === undefined,
    });
  });
});
