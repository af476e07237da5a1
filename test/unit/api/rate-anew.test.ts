import { describe, expect, it } from "vitest";
import { priceBookOf } from "../../../worker/api/rerate/price-book.ts";
import { type Rated, rateAnew } from "../../../worker/api/rerate/rate-anew.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { NO_SETTINGS, type TenantConfiguration, type TenantPriceRecord } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { priceAt, tenantPriceRow } from "../../../worker/catalog/prices.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { resultOf } from "../../../worker/router/result.ts";
import { type EventRow, mergeRevisions } from "../../../worker/usage/requests.ts";
import { usageEvent } from "../../support/usage-event.ts";

const AT = Date.UTC(2026, 10, 20);
const ROOT = "org_tenant00";
const TEAM = "org_team0000";

const price = (changes: Partial<TenantPriceRecord>): TenantPriceRecord => ({
  id: "prc_000000000000",
  organizationId: ROOT,
  model: "openai/gpt-6-mini",
  from: 0,
  until: null,
  price: { rates: { input: "1", output: "2" } },
  removed: false,
  ...changes,
});

const organization = (id: string, parentId: string | null) => ({
  ...{ id, parentId, name: id, timeZone: "UTC", archived: false },
  settings: NO_SETTINGS,
});
const bookOf = (...prices: TenantPriceRecord[]) =>
  priceBookOf({
    ...{ rootId: ROOT, version: 1, keys: [], limits: [], webhooks: [], routes: [], models: [], prices },
    organizations: [organization(ROOT, null), organization(TEAM, ROOT)],
  } satisfies TenantConfiguration);

/** A row as Postgres gives it back. */
const row = (event: UsageEvent): EventRow => ({
  ...event,
  uses: event.uses ?? null,
  day: "2026-11-20",
  startedAt: new Date(event.startedAt),
  settledAt: new Date(event.settledAt),
});

const rated = (found: ReturnType<typeof rateAnew>): Rated => {
  if (typeof found === "string") throw new Error(`it was not rated: ${found}`);
  return found;
};

/** A whole answer as a provider sends it, with figures that decide rates beside the four buckets. */
const ANSWERS: [name: string, dialect: ChatDialectId, model: string, body: object][] = [
  [
    "Chat, priority service, which is told beside the usage",
    "openai-chat",
    "openai/o3",
    {
      ...{ object: "chat.completion", service_tier: "priority", choices: [] },
      usage: { prompt_tokens: 1203, completion_tokens: 57, prompt_tokens_details: { cached_tokens: 1000 } },
    },
  ],
  [
    "Chat, flex service",
    "openai-chat",
    "openai/o3",
    {
      object: "chat.completion",
      service_tier: "flex",
      choices: [],
      usage: { prompt_tokens: 999, completion_tokens: 7 },
    },
  ],
  [
    "Chat, audio in and out",
    "openai-chat",
    "openai/gpt-audio",
    {
      ...{ object: "chat.completion", choices: [] },
      usage: {
        ...{ prompt_tokens: 400, completion_tokens: 300 },
        prompt_tokens_details: { audio_tokens: 350 },
        completion_tokens_details: { audio_tokens: 250 },
      },
    },
  ],
  [
    "Responses, priority service",
    "openai-responses",
    "openai/o3",
    {
      ...{ object: "response", status: "completed", service_tier: "priority", output: [] },
      usage: { input_tokens: 77, output_tokens: 33, output_tokens_details: { reasoning_tokens: 20 } },
    },
  ],
  [
    "Messages, writes of both lives",
    "anthropic-messages",
    "anthropic/claude-opus-5-5",
    {
      ...{ type: "message", role: "assistant", content: [], stop_reason: "end_turn" },
      usage: {
        ...{ input_tokens: 12, output_tokens: 34, cache_read_input_tokens: 5_000, cache_creation_input_tokens: 3_000 },
        cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
      },
    },
  ],
  [
    "Messages, fast mode",
    "anthropic-messages",
    "anthropic/claude-opus-5-5",
    {
      ...{ type: "message", role: "assistant", content: [], stop_reason: "end_turn" },
      usage: { input_tokens: 12, output_tokens: 34, speed: "fast" },
    },
  ],
  [
    "Gemini, with tools' prompts and thoughts",
    "google-generate-content",
    "google/gemini-2.5-flash",
    {
      candidates: [],
      usageMetadata: {
        ...{ promptTokenCount: 100, toolUsePromptTokenCount: 40, candidatesTokenCount: 9, thoughtsTokenCount: 90 },
        ...{ cachedContentTokenCount: 60, promptTokensDetails: [{ modality: "AUDIO", tokenCount: 30 }] },
      },
    },
  ],
];

interface Circumstances {
  ownPrice?: TenantPriceRecord;
  /** The client left when 4,000 characters had passed. */
  brokenOff?: boolean;
}

/** The event of an answer, rated as the gateway rates it. */
function eventOf(
  dialect: ChatDialectId,
  name: string,
  body: object,
  { ownPrice, brokenOff = false }: Circumstances = {},
): UsageEvent {
  const [provider = "", upstreamModel = ""] = name.split("/");
  const model = findModel(provider, upstreamModel);
  const catalogue = model === null ? null : priceAt(model, AT);
  const facts = chatDialects[dialect].readAnswer(body, { operation: "generate" });
  if (facts.usage === null) throw new Error("there are no figures in this answer");
  const by = ownPrice === undefined ? catalogue : tenantPriceRow(ownPrice);
  if (by === null) throw new Error(`${name} has no price`);
  const result = resultOf({
    ...{
      outcome: brokenOff ? "client_gone" : "ok",
      status: 200,
      errorCode: null,
      attempts: 1,
      sent: true,
      service: null,
      outputCap: null,
      warnings: [],
    },
    ...{ facts: { ...facts, terminal: !brokenOff }, observed: { inputTokens: 0, outputCharacters: 4_000 } },
    mostOutputTokens: 10_000,
    ...{ price: by, priceOf: () => null, startedAt: AT, firstByteAt: AT, endedAt: AT },
    ...{ upstreamRequestId: null, upstreamDialect: dialect },
  });
  return usageEvent({ startedAt: AT, provider, upstreamModel, priceVersion: by.version, ...result });
}

describe("a request whose price has not changed", () => {
  it.each(ANSWERS)("costs what it did: %s", (_name, dialect, model, body) => {
    const event = eventOf(dialect, model, body);
    expect(event.costNano).toBeGreaterThan(0);
    expect(rateAnew(bookOf(), [row(event)])).toMatchObject({ costNano: event.costNano, correction: null });
  });

  it.each(ANSWERS)("costs what it did when its stream broke off: %s", (_name, dialect, model, body) => {
    const event = eventOf(dialect, model, body, { brokenOff: true });
    expect(event).toMatchObject({ exact: false, output: 1_000 });
    expect(rateAnew(bookOf(), [row(event)])).toMatchObject({ costNano: event.costNano, correction: null });
  });
});

describe("a price of the tenant's own", () => {
  const doubled = { rates: { input: "4", output: "16", cacheRead: "1" }, fast: { input: "7", output: "28" } };

  it("keeps the service that was billed, when neither the row nor the provider's figures name it", () => {
    const [, dialect, model, body] = ANSWERS[0] as (typeof ANSWERS)[number];
    const event = eventOf(dialect, model, body);
    const own = price({ model, price: doubled });
    expect(event.rawUsage).not.toHaveProperty("service_tier");
    const anew = rated(rateAnew(bookOf(own), [row(event)]));
    expect(anew.costNano).toBe(eventOf(dialect, model, body, { ownPrice: own }).costNano);
    expect(anew.costNano).toBe(203 * 7_000 + 1000 * 1_750 + 57 * 28_000);
    expect(anew.correction).toMatchObject({
      ...{ rev: 1, priceVersion: own.id, costNano: anew.costNano - event.costNano },
      ...{ listCostNano: anew.costNano - event.costNano, providerCostNano: null, heldNano: 0, attempts: 0 },
      ...{ inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, durationMs: 0 },
    });
    // And keeps it after the correction, too, and when the price goes away again.
    const revisions = [row(event), row(anew.correction as UsageEvent)];
    expect(rateAnew(bookOf(own), revisions)).toMatchObject({ correction: null });
    const back = rated(rateAnew(bookOf(), revisions));
    expect(back.costNano).toBe(event.costNano);
    const merged = mergeRevisions([...revisions, row(back.correction as UsageEvent)]);
    expect(merged).toMatchObject({ costNano: event.costNano, listCostNano: event.listCostNano, output: event.output });
  });

  const far = price({ id: "prc_far", organizationId: ROOT });
  const near = price({ id: "prc_near", organizationId: TEAM });
  const own = "openai/gpt-6-mini";
  it.each<[string, TenantPriceRecord[], string]>([
    ["of the nearest organization wins", [far, near], "prc_near"],
    ["of an organization above holds below it", [far], "prc_far"],
    ["that has ended holds no more", [{ ...near, until: AT }, far], "prc_far"],
    ["that holds until a moment later holds", [{ ...near, until: AT + 1 }, far], "prc_near"],
    ["that begins at the moment holds", [{ ...near, from: AT }, far], "prc_near"],
    ["that begins a moment later does not yet", [{ ...near, from: AT + 1 }, far], "prc_far"],
    ["that was removed does not hold", [{ ...near, removed: true }, far], "prc_far"],
    ["of another model does not hold", [{ ...near, model: `${own}-2` }, far], "prc_far"],
    ["that began later wins over one before", [near, { ...near, id: "prc_next", from: 5 }], "prc_next"],
  ])("%s", (_name, prices, version) => {
    const event = usageEvent({ startedAt: AT, organizationId: TEAM });
    expect(rated(rateAnew(bookOf(...prices), [row(event)])).price.version).toBe(version);
  });

  it("of one organization does not hold beside it", () => {
    const unpriced = { startedAt: AT, upstreamModel: "no-such-model", servedModel: null };
    expect(
      rateAnew(bookOf(price({ organizationId: TEAM, model: "openai/no-such-model" })), [row(usageEvent(unpriced))]),
    ).toBe("unpriced");
  });

  it("of a host without words for services bills the standard one", () => {
    const event = usageEvent({ startedAt: AT, provider: "compatible", upstreamModel: "llama", priceVersion: null });
    const its = price({
      model: "compatible/llama",
      price: { rates: { input: "1", output: "2" }, fast: { input: "9" } },
    });
    const unpriced = { ...event, costNano: 0, listCostNano: null };
    expect(rated(rateAnew(bookOf(its), [row(unpriced)])).costNano).toBe(19 * 1_000 + 50 * 2_000);
  });
});

describe("what a request keeps", () => {
  const own = price({ price: { rates: { input: "1", output: "1" } } });
  const base = { startedAt: AT, rawUsage: null, costNano: 5_000, listCostNano: 5_000 };

  it("the provider's own charge, with the list cost rated anew beside it", () => {
    const event = usageEvent({ ...base, providerCostNano: 5_000, listCostNano: 4_000 });
    const { costNano, correction } = rated(rateAnew(bookOf(own), [row(event)]));
    expect(costNano).toBe(5_000);
    expect(correction).toMatchObject({ costNano: 0, listCostNano: 69_000 - 4_000, providerCostNano: null });
  });

  it("what failed attempts cost, beside the answer rated anew, also when it is rated once more", () => {
    const event = row(usageEvent({ ...base, costNano: 5_700, failedCostNano: 700 }));
    const first = rated(rateAnew(bookOf(own), [event]));
    expect(first).toMatchObject({
      costNano: 69_700,
      correction: { costNano: 64_000, listCostNano: 64_000, failedCostNano: 0, tries: null },
    });
    const revisions = [event, row(first.correction as UsageEvent)];
    expect(rateAnew(bookOf(own), revisions)).toMatchObject({ costNano: 69_700, correction: null });
    expect(mergeRevisions(revisions)).toMatchObject({ costNano: 69_700, failedCostNano: 700 });
  });

  it("what failed attempts cost, of all its revisions, beside the provider's own charge", () => {
    const told = { ...base, providerCostNano: 4_000, listCostNano: 4_500 };
    const expired = row(usageEvent({ ...base, outcome: "expired", status: 504, costNano: 9_000, listCostNano: 9_000 }));
    const late = row(
      usageEvent({ ...told, rev: 1, costNano: 4_700 - 9_000, listCostNano: -4_500, failedCostNano: 700, heldNano: 0 }),
    );
    expect(rated(rateAnew(bookOf(own), [expired, late]))).toMatchObject({
      costNano: 4_700,
      correction: { costNano: 0 },
    });
  });

  it("the cost of a request of which every attempt failed", () => {
    const failed = {
      ...{ inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
      ...{ costNano: 700, failedCostNano: 700, listCostNano: 0, outcome: "provider_error" as const },
    };
    expect(rateAnew(bookOf(own), [row(usageEvent({ ...base, ...failed }))])).toMatchObject({
      costNano: 700,
      correction: null,
    });
  });

  it("the charge of a row of before there were two costs, where the figures say it is the provider's", () => {
    const old = { ...base, listCostNano: null, upstreamDialect: "openai-chat" };
    const raw = { prompt_tokens: 19, completion_tokens: 50, cost: 0.000005 };
    const its = row(usageEvent({ ...old, rawUsage: raw }));
    const first = rated(rateAnew(bookOf(own), [its]));
    expect(first).toMatchObject({
      ...{ costNano: 5_000, correction: { costNano: 0, listCostNano: 69_000, providerCostNano: 5_000 } },
    });
    const again = rated(rateAnew(bookOf(own), [its, row(first.correction as UsageEvent)]));
    expect(again).toMatchObject({ costNano: 5_000, correction: null });
    const dearer = price({ price: { rates: { input: "2", output: "2" } } });
    expect(rated(rateAnew(bookOf(dearer), [its, row(first.correction as UsageEvent)]))).toMatchObject({
      ...{ costNano: 5_000, correction: { costNano: 0, listCostNano: 69_000, providerCostNano: null } },
    });
    const ours = rated(rateAnew(bookOf(own), [row(usageEvent(old))]));
    expect(ours).toMatchObject({ costNano: 69_000, correction: { costNano: 64_000, listCostNano: 69_000 } });
  });

  it("its hold, while nobody has told what it used", () => {
    const expired = usageEvent({ ...base, outcome: "expired", status: 504 });
    expect(rateAnew(bookOf(own), [row(expired)])).toBe("expired");
    const corrected = {
      ...expired,
      rev: 1,
      outcome: "ok" as const,
      status: 200,
      costNano: -1_000,
      listCostNano: -1_000,
    };
    const settled = {
      ...corrected,
      inputUncached: 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: 0,
      reasoning: 0,
      heldNano: 0,
    };
    expect(rated(rateAnew(bookOf(own), [row(expired), row(settled)])).correction).toMatchObject({
      ...{ rev: 2, costNano: 69_000 - 4_000, outcome: "ok", status: 200 },
    });
  });

  it("its cost, when the book has no price for it", () => {
    expect(rateAnew(bookOf(), [row(usageEvent({ ...base, upstreamModel: "gone", servedModel: null }))])).toBe(
      "unpriced",
    );
  });

  it("the price of the model that has served, where the one asked for has none", () => {
    const event = usageEvent({ ...base, upstreamModel: "gpt-alias", servedModel: "o3" });
    expect(rated(rateAnew(bookOf(), [row(event)])).price.version).toMatch(/^openai\/o3@/);
  });
});
