import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createApp } from "../../../worker/api/app.ts";
import { createApiKey } from "../../../worker/auth/api-key.ts";
import type { Principal, TenantPriceRecord } from "../../../worker/canonical/tenant.ts";
import { parseEnvironment } from "../../../worker/env.ts";
import type { LedgerNamespace } from "../../../worker/ledger/client.ts";
import type { AdmitAnswer, AdmitRequest, Admitted, LimitRefusal, Settlement } from "../../../worker/ledger/contract.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { createServices } from "../../../worker/services.ts";

/** A request's walk against a Ledger that says what a test wants, and a provider that notes what it gets. */

const SECRET = "a-secret-for-tests-of-at-least-32-characters";
const ROOT = "org_root0000";

type Answer = Partial<Admitted> | Exclude<AdmitAnswer, Admitted>;

class World {
  readonly asked: AdmitRequest[] = [];
  readonly settled: Settlement[] = [];
  readonly sent: { url: string; body: Record<string, never>; signal: AbortSignal }[] = [];
  readonly lines: Record<string, unknown>[] = [];
  /** What the Ledger answers, in turn; then yes. */
  answers: Answer[] = [];
  limited = true;
  /** The answer's body, by what is in the URL. */
  provider: () => Promise<Response> = async () => Response.json(CHAT_ANSWER);
  readonly #waiting: Promise<unknown>[] = [];
  readonly #app: ReturnType<typeof createApp>;
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
    const ledger = {
      admit: async (request: AdmitRequest): Promise<AdmitAnswer> => {
        this.asked.push(structuredClone(request));
        const answer = this.answers.shift() ?? {};
        await new Promise((resolve) => setTimeout(resolve, 5));
        if ("code" in answer) return answer;
        const principal: Principal = {
          ...{ keyId: request.keyId, rootId: ROOT, organizationId: ROOT },
          ...{ permissions: ["read", "write"], strict: false, limited: this.limited },
        };
        const usual = { handle: 1, principal, outputCap: null, lowered: false, rates: [], exceeded: [] };
        return { ok: true, ...usual, ...answer };
      },
      settle: async (settlements: Settlement[]) => {
        this.settled.push(...settlements);
        return settlements.map(() => "settled");
      },
      touch: async () => {},
    };
    const namespace = { idFromName: () => "id", get: () => ledger } as unknown as LedgerNamespace;
    const bindings = {
      ...{ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", KEY_PEPPER: SECRET, MASTER_KEY: SECRET },
      ...{ SESSION_SECRET: SECRET, SIMULATOR_URL: "http://simulator.test", UPSTREAM_HEADERS_TIMEOUT_MS: "200" },
    };
    this.#app = createApp(createServices(parseEnvironment(bindings), namespace));
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      this.sent.push({ url, body: JSON.parse(String(init.body)), signal: init.signal as AbortSignal });
      return this.provider();
    });
    vi.spyOn(console, "log").mockImplementation((line: string) => void this.lines.push(JSON.parse(line)));
    vi.spyOn(console, "warn").mockImplementation((line: string) => void this.lines.push(JSON.parse(line)));
    vi.spyOn(console, "error").mockImplementation((line: string) => void this.lines.push(JSON.parse(line)));
  }

  async post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
    const context = { waitUntil: (promise: Promise<unknown>) => void this.#waiting.push(promise) };
    const response = await this.#app.request(path, init, {}, context as never);
    await Promise.all(this.#waiting);
    return response;
  }

  chat(model: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> {
    const messages = [{ role: "user", content: "hi" }];
    return this.post("/v1/chat/completions", { model, messages, ...more }, headers);
  }
}

const CHAT_ANSWER = {
  id: "c",
  model: "gpt-4.1",
  choices: [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
};
const CLAUDE_ANSWER = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-haiku-4-5",
  content: [{ type: "text", text: "yes" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1000, output_tokens: 100 },
};

let key: string;
let world: World;
beforeAll(async () => {
  const made = await createApiKey({
    rootId: ROOT,
    jurisdiction: "global",
    peppers: { current: "1", secrets: { 1: SECRET } },
    random: secureRandom,
  });
  key = made.key;
});
beforeEach(() => {
  world = new World(key);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const limit = (more: Partial<LimitRefusal> = {}): Answer => ({
  ok: false,
  code: "limit",
  limit: {
    ...{ limitId: "lim_000000000000", nodeId: ROOT, nodeName: "Acme", metric: "cost", window: "month" },
    ...{ amount: 1000, settled: 900, held: 0, needed: 500, reason: "exhausted", resetsAt: null },
    ...more,
  } as LimitRefusal,
});

describe("the cap that was admitted is the one that is sent", () => {
  test.each<[name: string, path: string, body: object, sent: object, warning: string]>([
    [
      "Chat",
      "/v1/chat/completions",
      { model: "openai/gpt-4.1", messages: [{ role: "user", content: "hi" }], max_completion_tokens: 900 },
      { max_completion_tokens: 77 },
      "output_cap_lowered@max_completion_tokens",
    ],
    [
      "Chat at a host of the older name",
      "/v1/chat/completions",
      { model: "compatible/m", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { max_tokens: 77 },
      "output_cap_lowered@max_tokens",
    ],
    [
      "Responses",
      "/v1/responses",
      { model: "openai/gpt-4.1", input: "hi", max_output_tokens: 900 },
      { max_output_tokens: 77 },
      "output_cap_lowered@max_output_tokens",
    ],
    [
      "Messages",
      "/v1/messages",
      { model: "anthropic/claude-haiku-4-5", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { max_tokens: 77 },
      "output_cap_lowered@max_tokens",
    ],
    [
      "Gemini",
      "/v1beta/models/google/gemini-3.6-flash:generateContent",
      { contents: [{ parts: [{ text: "hi" }] }], generation_config: { max_output_tokens: 900 } },
      { generation_config: { max_output_tokens: 77 } },
      "output_cap_lowered@generation_config.max_output_tokens",
    ],
    [
      "Chat to Claude",
      "/v1/chat/completions",
      { model: "anthropic/claude-haiku-4-5", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { max_tokens: 77 },
      "output_cap_lowered@max_tokens",
    ],
    [
      "Messages to Gemini",
      "/v1/messages",
      { model: "google/gemini-3.6-flash", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { generationConfig: { maxOutputTokens: 77 } },
      "output_cap_lowered@max_tokens",
    ],
  ])("%s", async (_name, path, body, sent, warning) => {
    world.answers = [{ outputCap: 77, lowered: true }];
    const response = await world.post(path, body);
    expect(world.asked[0]?.output).toMatchObject({ requested: 900, assumed: 900, candidates: 1 });
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]?.body).toMatchObject(sent);
    expect(response.headers.get("x-gaia-warnings")).toContain(warning);
    expect(world.settled[0]?.result).toMatchObject({ outputCap: 77, warnings: [warning] });
  });

  test("a cap the client did not name is named where it takes something from the client", async () => {
    world.answers = [{ outputCap: 500 }, { outputCap: 32_768 }];
    const lower = await world.chat("openai/gpt-4.1");
    const most = await world.chat("openai/gpt-4.1");
    expect(world.asked[0]?.output).toMatchObject({ requested: null, assumed: 32_768 });
    expect(world.sent.map(({ body }) => body.max_completion_tokens)).toEqual([500, 32_768]);
    expect(lower.headers.get("x-gaia-warnings")).toBe("output_cap_set@max_completion_tokens");
    expect(most.headers.get("x-gaia-warnings")).toBeNull();
    expect(world.settled.map(({ result }) => result.outputCap)).toEqual([500, 32_768]);
  });

  test("the model's own maximum is left to the provider where it could exceed the window", async () => {
    world.answers = [{ outputCap: 100_000 }, { outputCap: 100_000 }, { outputCap: 50_000 }];
    const long = { messages: [{ role: "user", content: "x".repeat(120_000) }] };
    await world.chat("openai/o3");
    await world.chat("openai/o3", long);
    await world.chat("openai/o3", long);
    expect(world.sent.map(({ body }) => body.max_completion_tokens)).toEqual([100_000, undefined, 50_000]);
  });

  test("what an encoder must write anyway is not raised", async () => {
    world.provider = async () => Response.json(CLAUDE_ANSWER);
    world.answers = [{ outputCap: 64_000 }];
    await world.chat("anthropic/claude-haiku-4-5");
    expect(world.sent[0]?.body.max_tokens).toBe(32_000);
    expect(world.settled[0]?.result.outputCap).toBe(32_000);
  });

  test("thinking has to fit into it", async () => {
    world.provider = async () => Response.json(CLAUDE_ANSWER);
    world.answers = [{ outputCap: 2000, lowered: true }];
    await world.chat("anthropic/claude-haiku-4-5", { max_tokens: 20_000, reasoning_effort: "medium" });
    expect(world.sent[0]?.body).toMatchObject({ max_tokens: 2000, thinking: { budget_tokens: 1999 } });
  });

  test("a strict client's is not to be lowered, and what is set for it is no loss", async () => {
    world.answers = [{ outputCap: 500 }];
    const response = await world.chat("openai/gpt-4.1", {}, { "x-gaia-strict": "true" });
    expect(response.status).toBe(200);
    expect(world.asked[0]?.output).toMatchObject({ requested: null, least: 32_768 });
    await world.chat("openai/gpt-4.1", { max_tokens: 900 }, { "x-gaia-strict": "true" });
    expect(world.asked[1]?.output).toMatchObject({ requested: 900, least: 900 });
  });

  test("without one the body is the client's own", async () => {
    await world.chat("gpt-4.1", { max_tokens: 900 });
    expect(world.sent[0]?.body).toEqual({
      model: "gpt-4.1",
      messages: [{ role: "user", content: "hi" }],
      max_tokens: 900,
    });
    expect(world.settled[0]?.result.outputCap).toBeNull();
  });
});

test("what cannot be is refused before the Ledger is asked", async () => {
  const response = await world.chat("anthropic/claude-haiku-4-5", { n: 2 });
  expect(response.status).toBe(400);
  expect(world.asked).toEqual([]);
  expect(world.lines).toEqual([
    expect.objectContaining({ event: "request.denied", code: "n_unsupported", param: "n", rootId: ROOT }),
  ]);
});

test("a count does not wait", async () => {
  world.provider = async () => Response.json({ input_tokens: 5 });
  await world.post("/v1/messages/count_tokens", {
    model: "anthropic/claude-haiku-4-5",
    messages: [{ role: "user", content: "hi" }],
  });
  await world.chat("openai/gpt-4.1");
  expect(world.asked.map(({ patience, output }) => [patience, output === null])).toEqual([
    [0, true],
    [2000, false],
  ]);
});

describe("a denial", () => {
  test("sends nothing, settles nothing, and is a line of the log", async () => {
    world.answers = [limit()];
    const response = await world.chat("openai/gpt-4.1");
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: "insufficient_quota" } });
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect([world.sent, world.settled]).toEqual([[], []]);
    expect(world.lines).toEqual([
      expect.objectContaining({
        event: "request.denied",
        code: "insufficient_quota",
        keyId: expect.stringMatching(/^key_/),
        rootId: ROOT,
        limit: expect.stringContaining("lim_000000000000; node=org_root0000; metric=cost"),
      }),
    ]);
    expect(JSON.stringify(world.lines)).not.toContain("sk-gaia");
  });

  test("tells the rate limit it is about in the vendor's headers", async () => {
    const refusal = { metric: "requests", window: "minute", amount: 5, settled: 5, needed: 1, reason: "rate" } as const;
    world.answers = [limit({ ...refusal, resetsAt: Date.now() + 5000 })];
    const response = await world.chat("openai/gpt-4.1");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-ratelimit-limit-requests": "5",
      "x-ratelimit-remaining-requests": "0",
      "retry-after": expect.stringMatching(/^[45]$/),
    });
  });

  test("of a request that is under way already aborts it, and nothing of its answer is used", async () => {
    world.limited = false;
    await world.chat("openai/gpt-4.1");
    world.answers = [limit()];
    const response = await world.chat("openai/gpt-4.1");
    expect(response.status).toBe(429);
    expect(world.sent).toHaveLength(2);
    expect(world.sent[1]?.signal.aborted).toBe(true);
    expect(world.settled).toHaveLength(1);
    // The isolate no longer takes the key for one without limits.
    world.answers = [limit()];
    await world.chat("openai/gpt-4.1");
    expect(world.sent).toHaveLength(2);
  });
});

test("a yes to less than what is under way sends the request again, within the cap", async () => {
  world.limited = false;
  await world.chat("openai/gpt-4.1");
  world.answers = [{ outputCap: 500 }];
  const response = await world.chat("openai/gpt-4.1");
  expect(world.sent.map(({ body, signal }) => [body.max_completion_tokens, signal.aborted])).toEqual([
    [undefined, false],
    [undefined, true],
    [500, false],
  ]);
  expect(response.headers.get("x-gaia-attempts")).toBe("2");
  expect(world.settled[1]?.result).toMatchObject({ outcome: "ok", attempts: 2, outputCap: 500 });
  expect(world.settled).toHaveLength(2);
});

describe("how the limits stand", () => {
  const rates: Admitted["rates"] = [{ metric: "requests", limit: 60, remaining: 59, resetsAt: null }];

  test("is told with an answer, with the limits that only warn", async () => {
    world.answers = [{ rates, exceeded: ["cost/day"] }];
    const response = await world.chat("openai/gpt-4.1", {}, { "x-gaia-strict": "true" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("59");
    expect(response.headers.get("x-gaia-warnings")).toBe("limit_exceeded@cost/day");
  });

  test.each([
    ["a provider's error, relayed", "openai/gpt-4.1"],
    ["a provider's error, translated", "anthropic/claude-haiku-4-5"],
  ])("is told with %s, and the provider's own headers are not", async (_name, model) => {
    world.provider = async () =>
      Response.json({ error: { message: "no" } }, { status: 500, headers: { "x-ratelimit-remaining-requests": "1" } });
    world.answers = [{ rates, exceeded: ["cost/day"] }];
    const response = await world.chat(model);
    expect(response.status).toBe(500);
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("59");
    expect(response.headers.get("x-gaia-warnings")).toBe("limit_exceeded@cost/day");
  });

  test("is told when no provider answered", async () => {
    world.provider = async () => {
      throw new TypeError("refused");
    };
    world.answers = [{ rates, exceeded: ["cost/day"] }];
    const response = await world.chat("openai/gpt-4.1");
    expect(response.status).toBe(502);
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("59");
    expect(response.headers.get("x-gaia-warnings")).toBe("limit_exceeded@cost/day");
  });
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
    expect(world.asked).toHaveLength(4);
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

test("what did not answer in time is settled by our own count", async () => {
  world.provider = () =>
    new Promise((_, reject) => {
      world.sent[0]?.signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const response = await world.chat("openai/gpt-4.1");
  expect(response.status).toBe(504);
  expect(world.settled).toHaveLength(1);
  expect(world.settled[0]?.result).toMatchObject({ outcome: "timeout", exact: false, attempts: 1 });
  expect(world.settled[0]?.result.inputUncached).toBeGreaterThan(0);
});
