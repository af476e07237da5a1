import { describe, expect, test } from "vitest";
import type { Admitted, LimitRefusal } from "../../../worker/ledger/contract.ts";
import { type Answer, eachTest, ROOT, type World } from "./world.ts";

/** When a request is sent and when not, and what its client is told of the limits. */

let world: World;
eachTest((fresh) => {
  world = fresh;
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
    expect(world.refused).toMatchObject([
      { limitId: "lim_000000000000", status: 429, errorCode: "insufficient_quota", requestedModel: "openai/gpt-4.1" },
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

test("a client that has left while the Ledger was asked costs nothing: nothing is sent, and its hold is settled", async () => {
  const left = new AbortController();
  const messages = [{ role: "user", content: "hi" }];
  world.meanwhile = () => left.abort();
  await world.post("/v1/chat/completions", { model: "openai/gpt-4.1", messages }, {}, left.signal);
  expect([world.asked.length, world.sent]).toEqual([1, []]);
  expect(world.settled.map(({ result }) => result)).toMatchObject([{ outcome: "client_gone", costNano: 0 }]);
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

test("embeddings of many calls are admitted once, and settle once", async () => {
  world.provider = async () => {
    const requests = (world.sent.at(-1)?.body.requests ?? []) as unknown[];
    return Response.json({ embeddings: requests.map(() => ({ values: [1, 0] })) });
  };
  const input = Array.from({ length: 250 }, (_, index) => `text ${index}`);
  const response = await world.post("/v1/embeddings", { model: "google/gemini-embedding-001", input });
  expect(response.status).toBe(200);
  expect(world.sent.length).toBeGreaterThan(1);
  expect([world.asked.length, world.settled.length]).toEqual([1, 1]);
  expect(world.asked[0]?.output).toBeNull();
  const { inputUncached } = world.settled[0]?.result ?? { inputUncached: 0 };
  expect(inputUncached).toBeLessThanOrEqual(world.asked[0]?.bound.inputTokens ?? 0);
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
