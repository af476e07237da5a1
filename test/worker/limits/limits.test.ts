import Anthropic from "@anthropic-ai/sdk";
import { ApiError } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { Visit } from "../sdk/visit.ts";
import { type KeyLimit, type LimitedKey, startLimited } from "./limited.ts";

/** Keys under limits, through the vendors' SDKs: what is let through, what is sent, and what a refused client sees. */

const USD = 1_000_000_000;
const CHEAPER = { percent: 1, model: "anthropic/claude-haiku-4-5" };
const WANTED = {
  nothing: [{ metric: "requests", window: "total", amount: 0 }],
  noMoney: [{ metric: "cost", window: "month", amount: 1 }],
  onePerMinute: [{ metric: "requests", window: "minute", amount: 1 }],
  tokensPerMinute: [{ metric: "output_tokens", window: "minute", amount: 1200 }],
  oneAtATime: [{ metric: "concurrent_requests", window: "now", amount: 1 }],
  oneAtATimeToo: [{ metric: "concurrent_requests", window: "now", amount: 1 }],
  budget: [{ metric: "cost", window: "total", amount: 100 * USD }],
  tight: [{ metric: "output_tokens", window: "day", amount: 6000 }],
  tightToo: [{ metric: "output_tokens", window: "day", amount: 6000 }],
  rates: [
    { metric: "requests", window: "minute", amount: 1000 },
    { metric: "input_tokens", window: "minute", amount: 1_000_000 },
    { metric: "total_tokens", window: "day", amount: 9_000_000 },
  ],
  warned: [{ metric: "requests", window: "day", amount: 1, mode: "warn" }],
  cheaper: [{ metric: "requests", window: "total", amount: 100, fallback: CHEAPER }],
  five: [{ metric: "requests", window: "total", amount: 5 }],
  race: [{ metric: "cost", window: "total", amount: USD / 5 }],
  counted: [{ metric: "input_tokens", window: "total", amount: 24_000 }],
  priced: [{ metric: "cost", window: "total", amount: 100 * USD }],
} satisfies Record<string, KeyLimit[]>;

/** Answers with more than anybody asks for; no model of the catalogue. */
const LONG = "openai/gpt-4.1+bytes-20000";

let gateway: Gateway;
let keys: Record<keyof typeof WANTED, LimitedKey>;
beforeAll(async () => {
  gateway = await startGateway();
  keys = await startLimited(gateway, WANTED, [
    { model: "openai/gpt-4.1-nano", price: { rates: { input: "7", output: "11" } } },
    { model: LONG, price: { rates: { input: "2", output: "8" } } },
  ]);
});
afterAll(() => gateway?.stop());

const clientsOf = (visit: Visit, { apiKey }: LimitedKey, maxRetries = 0) => ({
  openai: visit.openai({ apiKey, maxRetries }),
  anthropic: visit.anthropic({ apiKey, maxRetries }),
  google: visit.google({ apiKey }),
});
type Clients = ReturnType<typeof clientsOf>;

const ASK = {
  chat: ({ openai }: Clients, text: string, more = ""): Promise<unknown> =>
    openai.chat.completions.create({ model: `openai/gpt-4.1${more}`, messages: [{ role: "user", content: text }] }),
  responses: ({ openai }: Clients, text: string, more = ""): Promise<unknown> =>
    openai.responses.create({ model: `openai/gpt-4.1${more}`, input: text }),
  messages: ({ anthropic }: Clients, text: string, more = ""): Promise<unknown> =>
    anthropic.messages.create({
      model: `anthropic/claude-haiku-4-5${more}`,
      max_tokens: 1000,
      messages: [{ role: "user", content: text }],
    }),
  gemini: ({ google }: Clients, text: string, more = ""): Promise<unknown> =>
    google.models.generateContent({ model: `google/gemini-3.6-flash${more}`, contents: text }),
};
type Endpoint = keyof typeof ASK;
const ENDPOINTS = Object.keys(ASK) as Endpoint[];

async function caught(calling: Promise<unknown>): Promise<Error & { status: number; code?: string; type?: string }> {
  try {
    await calling;
  } catch (error) {
    return error as never;
  }
  throw new Error("nothing was thrown");
}

const CLASSES: Record<Endpoint, new (...parts: never[]) => Error> = {
  chat: OpenAI.RateLimitError,
  responses: OpenAI.RateLimitError,
  messages: Anthropic.RateLimitError,
  gemini: ApiError,
};

/** Where each SDK keeps the machine's word for what happened. */
const codeOf = (endpoint: Endpoint, error: Error): unknown => {
  if (endpoint === "gemini") return JSON.parse(error.message).error.details[0].reason.toLowerCase();
  if (error instanceof OpenAI.APIError) return error.code;
  return (error as unknown as { error: { error: { details: { error_code: string } } } }).error.error.details.error_code;
};

describe.each(ENDPOINTS)("what waiting does not help: %s", (endpoint) => {
  test.each(["nothing", "noMoney"] as const)("%s", async (name) => {
    const visit = new Visit(gateway);
    const error = await caught(ASK[endpoint](clientsOf(visit, keys[name], 2), visit.marker));
    expect(error).toBeInstanceOf(CLASSES[endpoint]);
    expect(error.status).toBe(429);
    expect(codeOf(endpoint, error)).toBe("insufficient_quota");
    // The SDK did not try again, no provider was asked, and nothing stands in the books.
    expect(visit.seen).toHaveLength(1);
    const headers = visit.seen[0]?.headers as Headers;
    expect(headers.get("x-should-retry")).toBe("false");
    expect(headers.get("retry-after")).toBeNull();
    const [limitId] = keys[name].limitIds;
    expect(headers.get("x-gaia-limit")).toMatch(
      new RegExp(
        `^${limitId}; node=${keys[name].keyId}; metric=\\w+; window=\\w+; reason=exhausted; remaining=[\\d.]+; resets=`,
      ),
    );
    expect(error.message).toContain("this key");
    expect(await visit.books(0)).toEqual([]);
    const line = gateway
      .output()
      .split("\n")
      .find((one) => one.includes(visit.seen[0]?.requestId as string));
    expect(JSON.parse(line ?? "{}")).toMatchObject({
      event: "request.denied",
      keyId: keys[name].keyId,
      rootId: gateway.rootId,
      limit: expect.stringContaining(limitId as string),
    });
  });
});

test("a rate tells when to come back, and what it counts", async () => {
  const visit = new Visit(gateway);
  const clients = clientsOf(visit, keys.onePerMinute);
  await ASK.chat(clients, visit.marker);
  const error = await caught(ASK.chat(clients, visit.marker));
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  expect([error.code, error.type]).toEqual(["rate_limit_exceeded", "requests"]);
  const headers = visit.seen[1]?.headers as Headers;
  const seconds = Number(headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(30);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(Math.ceil(Number(headers.get("retry-after-ms")) / 1000)).toBe(seconds);
  expect(headers.get("x-ratelimit-remaining-requests")).toBe("0");
  const anthropic = await caught(ASK.messages(clients, visit.marker));
  expect(anthropic).toBeInstanceOf(Anthropic.RateLimitError);
  expect(visit.seen[2]?.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
  const gemini = await caught(ASK.gemini(clients, visit.marker));
  expect(JSON.parse(gemini.message).error).toMatchObject({
    status: "RESOURCE_EXHAUSTED",
    details: [{ reason: "RATE_LIMIT_EXCEEDED" }, { retryDelay: expect.stringMatching(/^\d+s$/) }],
  });
  await visit.books(1);
});

test("a rate of tokens is one in OpenAI's words too", async () => {
  const visit = new Visit(gateway);
  const { openai } = clientsOf(visit, keys.tokensPerMinute);
  const ask = () =>
    openai.chat.completions.create({
      ...{ model: "openai/gpt-4.1+bytes-4000", max_tokens: 1200 },
      messages: [{ role: "user", content: visit.marker }],
    });
  await ask();
  const error = await caught(ask());
  expect([error.code, error.type]).toEqual(["rate_limit_exceeded", "tokens"]);
});

describe("what others hold", () => {
  test("is waited for, and then the SDK tries again", async () => {
    const slow = new Visit(gateway);
    const visit = new Visit(gateway);
    const first = ASK.chat(clientsOf(slow, keys.oneAtATime), slow.marker, "+headers-after-3500");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await ASK.chat(clientsOf(visit, keys.oneAtATime, 3), visit.marker);
    await first;
    const statuses = visit.seen.map(({ headers }) => headers.get("x-gaia-limit")?.match(/reason=(\w+)/)?.[1] ?? "ok");
    expect(statuses.at(-1)).toBe("ok");
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set(["concurrency"]));
    expect(visit.seen[0]?.headers.get("x-should-retry")).toBe("true");
    expect(["1", "2"]).toContain(visit.seen[0]?.headers.get("retry-after"));
  });

  test("for a moment only is not noticed at all", async () => {
    const slow = new Visit(gateway);
    const visit = new Visit(gateway);
    const first = ASK.chat(clientsOf(slow, keys.oneAtATimeToo), slow.marker, "+headers-after-1000");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await ASK.chat(clientsOf(visit, keys.oneAtATimeToo), visit.marker);
    await first;
    expect(visit.seen).toHaveLength(1);
  });
});

test("a conversation that goes on is held by what the provider counted of it", async () => {
  const visit = new Visit(gateway);
  const { anthropic } = clientsOf(visit, keys.counted);
  const system = "Answer. ".repeat(2_500);
  const first = [{ role: "user" as const, content: visit.marker }];
  const ask = (messages: Anthropic.MessageParam[], instructions = system) =>
    anthropic.messages.create({
      ...{ model: "anthropic/claude-haiku-4-5", max_tokens: 1000 },
      ...{ system: instructions, messages },
    });
  await ask(first);
  // 20,000 bytes more do not fit into what is left, a few hundred do.
  const more = [...first, { role: "assistant" as const, content: "Yes." }, { role: "user" as const, content: "And?" }];
  await ask(more);
  expect((await caught(ask(more, `${system}Well.`))).status).toBe(429);
});

const bodyOf = (entry: BookEntry | undefined) => entry?.body as Record<string, unknown> | undefined;

describe("the cap that is admitted reaches the provider", () => {
  test("a client that names none under a budget: the model's own", async () => {
    const visit = new Visit(gateway);
    await ASK.chat(clientsOf(visit, keys.budget), visit.marker);
    const [entry] = await visit.books(1);
    expect(bodyOf(entry)?.max_completion_tokens).toBe(32_768);
    expect(visit.seen[0]?.headers.get("x-gaia-warnings")).toBeNull();
  });

  test("a higher one than there is room for is lowered, and told", async () => {
    const visit = new Visit(gateway);
    const { openai } = clientsOf(visit, keys.tight);
    await openai.chat.completions.create({
      ...{ model: "openai/gpt-4.1", max_tokens: 30_000 },
      messages: [{ role: "user", content: visit.marker }],
    });
    const [entry] = await visit.books(1);
    const sent = Number(bodyOf(entry)?.max_tokens);
    expect(sent).toBeGreaterThanOrEqual(1024);
    expect(sent).toBeLessThanOrEqual(6000);
    expect(visit.seen[0]?.headers.get("x-gaia-warnings")).toBe("output_cap_lowered@max_tokens");
    const row = await requestRow(gateway, visit.seen[0]?.requestId as string);
    expect(row).toMatchObject({ outcome: "ok", warnings: ["output_cap_lowered@max_tokens"] });
    const [stored] = await gateway.database.sql`select output_cap from usage_events where event_id = ${row.id}`;
    expect(Number(stored?.output_cap)).toBe(sent);
  });

  test("not for a strict client, which is refused", async () => {
    const visit = new Visit(gateway);
    const { openai } = clientsOf(visit, keys.tightToo);
    const asked = {
      model: "openai/gpt-4.1",
      max_tokens: 30_000,
      messages: [{ role: "user" as const, content: visit.marker }],
    };
    const error = await caught(openai.chat.completions.create(asked, { headers: { "x-gaia-strict": "true" } }));
    expect(error.status).toBe(429);
    expect(await visit.books(0)).toEqual([]);
  });
});

describe("how the limits stand is told with each answer", () => {
  test("in OpenAI's names, also in a stream", async () => {
    const visit = new Visit(gateway);
    const { openai } = clientsOf(visit, keys.rates);
    const stream = await openai.chat.completions.create({
      ...{ model: "openai/gpt-4.1", stream: true },
      messages: [{ role: "user", content: visit.marker }],
    });
    for await (const _ of stream);
    const headers = visit.seen[0]?.headers as Headers;
    expect(headers.get("x-ratelimit-limit-requests")).toBe("1000");
    expect(headers.get("x-ratelimit-reset-requests")).toMatch(/^\d+m?s$/);
    expect(headers.get("x-ratelimit-limit-tokens")).toBe("9000000");
    expect(headers.get("x-ratelimit-reset-tokens")).toMatch(/^(\d+h)?\d+m[\d.]+s$/);
  });

  test("in Anthropic's", async () => {
    const visit = new Visit(gateway);
    await ASK.messages(clientsOf(visit, keys.rates), visit.marker);
    const headers = visit.seen[0]?.headers as Headers;
    expect(headers.get("anthropic-ratelimit-input-tokens-limit")).toBe("1000000");
    expect(headers.get("anthropic-ratelimit-tokens-limit")).toBe("9000000");
    expect(Date.parse(headers.get("anthropic-ratelimit-tokens-reset") ?? "")).toBeGreaterThan(Date.now());
    expect([...headers.keys()].filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
  });

  test("also the one that only warns", async () => {
    const visit = new Visit(gateway);
    const clients = clientsOf(visit, keys.warned);
    await ASK.chat(clients, visit.marker);
    await ASK.chat(clients, visit.marker);
    await ASK.chat(clients, visit.marker);
    expect(visit.seen[2]?.headers.get("x-gaia-warnings")).toBe("limit_exceeded@requests/day");
  });
});

test("from a threshold on a cheaper model answers", async () => {
  const visit = new Visit(gateway);
  const clients = clientsOf(visit, keys.cheaper);
  await ASK.chat(clients, visit.marker);
  await visit.rows();
  await ASK.chat(clients, visit.marker);
  const [first, second] = await visit.rows();
  expect(first).toMatchObject({ provider: "openai", upstream_model: "gpt-4.1" });
  expect(second).toMatchObject({
    ...{ provider: "anthropic", upstream_model: "claude-haiku-4-5", requested_model: "openai/gpt-4.1" },
    ...{ outcome: "ok", exact: true },
  });
  expect(visit.seen[1]?.headers.get("x-gaia-model")).toBe("claude-haiku-4-5");
  expect(visit.seen[1]?.headers.get("x-gaia-warnings")).toContain("model_substituted@model");
});

test("a price of the tenant's own rates what it is for", async () => {
  const visit = new Visit(gateway);
  const { openai } = clientsOf(visit, keys.priced);
  for (let round = 0; round < 2; round++) {
    await openai.chat.completions.create({
      model: "openai/gpt-4.1-nano",
      messages: [{ role: "user", content: visit.marker }],
    });
  }
  for (const row of await visit.rows()) {
    expect(row.cost_nano).toBe(row.tokens.input_uncached * 7000 + row.tokens.output * 11_000);
  }
});

test("of many at once no more are let through than the limit has", async () => {
  const visit = new Visit(gateway);
  const { openai } = clientsOf(visit, keys.five);
  const asked = {
    model: "openai/gpt-4.1+headers-after-300",
    messages: [{ role: "user" as const, content: visit.marker }],
  };
  const all = await Promise.allSettled(Array.from({ length: 25 }, () => openai.chat.completions.create(asked)));
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  await visit.books(5);
});

test("a budget is spent to its end by many at once, and not beyond", async () => {
  const visit = new Visit(gateway);
  const { openai } = clientsOf(visit, keys.race);
  const asked = {
    ...{ model: LONG, max_tokens: 4000 },
    messages: [{ role: "user" as const, content: visit.marker }],
  };
  const all = await Promise.allSettled(Array.from({ length: 30 }, () => openai.chat.completions.create(asked)));
  const answered = all.filter(({ status }) => status === "fulfilled").length;
  const books = await visit.books(answered);
  for (const entry of books) {
    const cap = Number(bodyOf(entry)?.max_tokens);
    expect(cap).toBeLessThanOrEqual(4000);
    expect(entry.tokens?.output).toBeLessThanOrEqual(cap);
  }
  for (const one of all) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(OpenAI.RateLimitError);
  const answers = visit.seen.filter(({ headers }) => headers.get("x-gaia-limit") === null);
  const rows = await Promise.all(answers.map(({ requestId }) => requestRow(gateway, requestId)));
  const spent = rows.reduce((sum, row) => sum + row.cost_nano, 0);
  expect(spent).toBeLessThanOrEqual(USD / 5);
  // What is left would not have paid for the least answer.
  expect(spent).toBeGreaterThan(USD / 5 - 1024 * 8000 - 1_000_000);
});
