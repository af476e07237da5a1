import { describe, expect, test } from "vitest";
import type { TenantPriceRecord } from "../../../worker/canonical/tenant.ts";
import { type Answer, CHAT_ANSWER, CLAUDE_ANSWER, eachTest, ROOT, type World } from "./world.ts";

/** A request that the Ledger wants rated by another price, or answered by another model. */

let world: World;
eachTest((fresh) => {
  world = fresh;
});

const price = (input: string, more: Partial<TenantPriceRecord> = {}): TenantPriceRecord => ({
  ...{ id: "prc_000000000000", organizationId: ROOT, model: "openai/gpt-4.1", from: 0, until: null },
  ...{ price: { rates: { input, output: "0" } }, removed: false },
  ...more,
});

describe("a price of the tenant's own", () => {
  test("bounds and rates the request, and is remembered", async () => {
    world.answers = [{ ok: false, code: "use_price", price: price("1000") }];
    await world.chat("openai/gpt-4.1");
    const [first, second] = world.asked;
    expect(second?.draft).toEqual({ ...first?.draft, priceVersion: "prc_000000000000" });
    expect(second?.bound.costNano).toBe((second?.bound.inputTokens ?? 0) * 1_000_000);
    expect(world.settled[0]?.result.costNano).toBe(1000 * 1_000_000);
    await world.chat("openai/gpt-4.1");
    expect(world.asked[2]?.draft.priceVersion).toBe("prc_000000000000");
    expect(world.asked).toHaveLength(3);
  });

  test("is forgotten when the Ledger says there is none", async () => {
    world.answers = [
      { ok: false, code: "use_price", price: price("1000") },
      {},
      { ok: false, code: "use_price", price: null },
    ];
    const book = async () => {
      await world.chat("openai/gpt-4.1");
      return world.asked.at(-1)?.draft.priceVersion;
    };
    expect([await book(), await book()]).toEqual(["prc_000000000000", expect.stringMatching(/^openai\/gpt-4.1@/)]);
  });

  test("does not stop what is under way", async () => {
    world.limited = false;
    await world.chat("openai/gpt-4.1");
    world.answers = [{ ok: false, code: "use_price", price: price("1000") }];
    await world.chat("openai/gpt-4.1");
    expect(world.sent.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    expect(world.settled[1]?.result.costNano).toBe(1000 * 1_000_000);
  });

  test("that changes without end is a 503", async () => {
    world.answers = Array.from({ length: 9 }, () => ({ ok: false, code: "use_price", price: price("1") }) as const);
    const response = await world.chat("openai/gpt-4.1");
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(world.asked).toHaveLength(8);
    expect(world.sent).toEqual([]);
  });
});

describe("a cheaper model", () => {
  const cheaper: Answer = {
    ok: false,
    code: "use_model",
    model: "anthropic/claude-haiku-4-5",
    limitId: "lim_000000000000",
  };

  test("answers in place of the one that was asked for", async () => {
    world.provider = async () => Response.json(CLAUDE_ANSWER);
    world.answers = [cheaper];
    const response = await world.chat("openai/gpt-4.1");
    expect(response.status).toBe(200);
    expect(response.headers.get("x-gaia-model")).toBe("claude-haiku-4-5");
    expect(response.headers.get("x-gaia-provider")).toBe("anthropic (simulated)");
    expect(response.headers.get("x-gaia-warnings")).toBe("model_substituted@model");
    expect(await response.json()).toMatchObject({ object: "chat.completion", model: "anthropic/claude-haiku-4-5" });
    expect(world.sent.map(({ body }) => body.model)).toEqual(["claude-haiku-4-5"]);
    expect(world.asked.map(({ substituted }) => substituted)).toEqual([false, true]);
    expect(world.asked[1]?.draft).toMatchObject({
      eventId: world.asked[0]?.draft.eventId,
      provider: "anthropic",
      upstreamModel: "claude-haiku-4-5",
      requestedModel: "openai/gpt-4.1",
      priceVersion: expect.stringMatching(/^anthropic\/claude-haiku-4-5@/),
    });
    expect(world.settled[0]?.result).toMatchObject({ outcome: "ok", warnings: ["model_substituted@model"] });
  });

  test.each([
    ["/v1/chat/completions", "gpt-4.1", "openai/gpt-4.1-mini", "gpt-4.1-mini"],
    ["/v1/messages", "anthropic/claude-sonnet-5-5", "anthropic/claude-haiku-4-5", "claude-haiku-4-5"],
  ])("of the same vendor is written over the client's: %s", async (path, model, other, upstream) => {
    world.provider = async () => Response.json(path === "/v1/messages" ? CLAUDE_ANSWER : CHAT_ANSWER);
    world.answers = [{ ...cheaper, model: other } as Answer];
    const body = { model, max_tokens: 50, messages: [{ role: "user", content: "hi" }] };
    const response = await world.post(path, body);
    expect(world.sent.map((sent) => sent.body)).toEqual([{ ...body, model: upstream }]);
    expect(response.headers.get("x-gaia-model")).toBe(upstream);
  });

  test("of Gemini's is asked at its own address", async () => {
    world.answers = [{ ...cheaper, model: "google/gemini-3.6-flash" } as Answer];
    const contents = { contents: [{ parts: [{ text: "hi" }] }] };
    await world.post("/v1beta/models/google/gemini-2.5-pro:generateContent", contents);
    expect(world.sent.map(({ url, body }) => [url, body])).toEqual([
      ["http://simulator.test/google/v1beta/models/gemini-3.6-flash:generateContent", contents],
    ]);
  });

  test("ends what is under way", async () => {
    world.limited = false;
    await world.chat("openai/gpt-4.1");
    world.answers = [cheaper];
    world.provider = async () => Response.json(CLAUDE_ANSWER);
    const response = await world.chat("openai/gpt-4.1");
    expect(world.sent.map(({ body, signal }) => [body.model, signal.aborted])).toEqual([
      ["gpt-4.1", false],
      ["gpt-4.1", true],
      ["claude-haiku-4-5", false],
    ]);
    expect(response.headers.get("x-gaia-attempts")).toBe("2");
    expect(world.settled).toHaveLength(2);
  });

  test("is no answer for a strict client", async () => {
    world.answers = [cheaper];
    const response = await world.chat("openai/gpt-4.1", {}, { "x-gaia-strict": "true" });
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: "insufficient_quota", param: "model" } });
    expect(world.sent).toEqual([]);
  });

  test.each<[name: string, model: string, body: object]>([
    ["is not known", "no-such-model", {}],
    ["cannot be asked this", "anthropic/claude-haiku-4-5", { n: 2 }],
    ["is the one that was asked for", "openai/gpt-4.1", {}],
  ])("that %s leaves the request to what the limit has left", async (_name, model, body) => {
    world.answers = [{ ...cheaper, model } as Answer];
    const response = await world.chat("openai/gpt-4.1", body);
    expect(response.headers.get("x-gaia-model")).toBe("gpt-4.1");
    expect(response.headers.get("x-gaia-warnings")).toBeNull();
    expect(world.asked.map(({ substituted, draft }) => [substituted, draft.upstreamModel])).toEqual([
      [false, "gpt-4.1"],
      [true, "gpt-4.1"],
    ]);
  });

  test("makes no vectors: they could not be compared with the others", async () => {
    world.answers = [{ ...cheaper, model: "google/gemini-embedding-001" } as Answer];
    await world.post("/v1/embeddings", { model: "openai/text-embedding-3-small", input: "hi" });
    expect(world.sent.map(({ body }) => body.model)).toEqual(["text-embedding-3-small"]);
  });
});
