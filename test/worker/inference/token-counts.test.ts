import Anthropic from "@anthropic-ai/sdk";
import { ApiError } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { type JsonUpstream, startJsonUpstream } from "../../support/json-upstream.ts";
import { Visit } from "../sdk/visit.ts";

/** Token counts: every client's counter against every provider, what is estimated, and what a failure comes to. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ bindings: { UPSTREAM_HEADERS_TIMEOUT_MS: "1500" } });
});
afterAll(() => gateway?.stop());

/** Each SDK's counter; `contents` is the whole conversation. */
const COUNTERS = {
  messages: async (visit: Visit, model: string, text = visit.marker) =>
    (await visit.anthropic().messages.countTokens({ model, messages: [{ role: "user", content: text }] })).input_tokens,
  responses: async (visit: Visit, model: string, text = visit.marker) =>
    (await visit.openai().responses.inputTokens.count({ model, input: text })).input_tokens,
  gemini: async (visit: Visit, model: string, text = visit.marker) =>
    (await visit.google().models.countTokens({ model, contents: text })).totalTokens ?? 0,
};

/** What the same conversation is billed for its input. */
const BILLED = {
  messages: async (visit: Visit, model: string) => {
    const messages = [{ role: "user" as const, content: visit.marker }];
    return (await visit.anthropic().messages.create({ model, messages, max_tokens: 64 })).usage.input_tokens;
  },
  responses: async (visit: Visit, model: string) =>
    (await visit.openai().responses.create({ model, input: visit.marker })).usage?.input_tokens,
  gemini: async (visit: Visit, model: string) =>
    (await visit.google().models.generateContent({ model, contents: visit.marker })).usageMetadata?.promptTokenCount,
};

type Client = keyof typeof COUNTERS;
const CLIENTS = Object.keys(COUNTERS) as Client[];
const DIALECT = {
  messages: "anthropic-messages",
  responses: "openai-responses",
  gemini: "google-generate-content",
} as const;

const counted = (visit: Visit, at = 0) => visit.seen[at]?.headers.get("x-gaia-token-count") ?? null;
const FREE = { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };

async function caught(promise: Promise<unknown>): Promise<Error & { status: number }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { status: number };
  }
  throw new Error("nothing was thrown");
}

describe.each([
  ["anthropic/claude-haiku-4-5", "/anthropic/v1/messages/count_tokens"],
  // The version is the client's own, where it has one.
  ["google/gemini-3.6-flash", /^\/google\/v1(?:beta)?\/models\/gemini-3\.6-flash:countTokens$/],
  ["openai/gpt-4.1", "/openai/v1/responses/input_tokens"],
])("%s counts by itself", (model, path) => {
  test.concurrent.each(CLIENTS)("for %s: what the request will be billed, for nothing", async (client) => {
    const visit = new Visit(gateway);
    const tokens = await COUNTERS[client](visit, model);
    expect(tokens).toBeGreaterThan(0);
    expect(counted(visit)).toBeNull();
    expect(await BILLED[client](visit, model)).toBe(tokens);
    const books = await visit.books(2);
    expect(books[0]?.path).toMatch(path);
    const [row] = await visit.rows();
    expect(row).toMatchObject({
      dialect: DIALECT[client],
      operation: "count_tokens",
      outcome: "ok",
      status: 200,
      error_code: null,
      exact: true,
      cost_nano: 0,
      tokens: FREE,
    });
    expect(visit.seen[0]?.headers.get("x-gaia-cost")).toBe("0");
  });
});

describe.each(["openrouter/openai/gpt-6.1-sol", "compatible/some-model"])("%s has no counter", (model) => {
  test.concurrent.each(CLIENTS)("%s gets our estimate, which says so", async (client) => {
    const visit = new Visit(gateway);
    // A token for four bytes, and four for the message.
    expect(await COUNTERS[client](visit, model)).toBe(Math.ceil(visit.marker.length / 4) + 4);
    expect(counted(visit)).toBe("estimated");
    expect(visit.seen[0]?.headers.get("x-gaia-attempts")).toBe("0");
    expect(await visit.books(0)).toEqual([]);
    const [row] = await visit.rows();
    expect(row).toMatchObject({ outcome: "ok", status: 200, exact: false, cost_nano: 0, tokens: FREE });
  });
});

describe("a failing counter does not fail the session", () => {
  const MODELS: Record<Client, Record<"relayed" | "translated", string>> = {
    messages: { relayed: "anthropic/claude-haiku-4-5", translated: "google/gemini-3.6-flash" },
    responses: { relayed: "openai/gpt-4.1", translated: "anthropic/claude-haiku-4-5" },
    gemini: { relayed: "google/gemini-3.6-flash", translated: "openai/gpt-4.1" },
  };
  const CASES = CLIENTS.flatMap((client) =>
    (["relayed", "translated"] as const).map((way) => [client, way, MODELS[client][way]] as const),
  );
  const FAILURES = [
    "status-401",
    "status-403",
    "status-408",
    "status-429",
    "status-429+quota",
    "status-500",
    "status-502",
    "status-503",
    "status-529",
    "hang",
    "hangup",
    "first-byte-after-4000",
    "empty",
    "html",
    "redirect-302",
    "malformed",
  ];

  test.concurrent.each(CASES.flatMap((one) => FAILURES.map((failure) => [...one, failure] as const)))(
    "%s, %s: %s+%s",
    async (client, _way, model, failure) => {
      const visit = new Visit(gateway);
      expect(await COUNTERS[client](visit, `${model}+${failure}`)).toBe(Math.ceil(visit.marker.length / 4) + 4);
      expect(counted(visit)).toBe("estimated");
      const { requestId, headers } = visit.seen[0] ?? { requestId: "", headers: new Headers() };
      const status = /^status-(\d+)/.exec(failure)?.[1] ?? null;
      if (status !== null) expect(headers.get("x-gaia-upstream-status")).toBe(status);
      const row = await requestRow(gateway, requestId);
      expect(row).toMatchObject({
        outcome: "ok",
        status: 200,
        error_code: expect.any(String),
        exact: false,
        cost_nano: 0,
        tokens: FREE,
      });
    },
  );

  const REFUSALS = [
    ["status-400", 400],
    ["status-404", 404],
    ["status-413", 413],
    ["status-422", 422],
    ["context-length", 400],
  ] as const;

  test.concurrent.each(CASES.flatMap((one) => REFUSALS.map((refusal) => [...one, ...refusal] as const)))(
    "%s, %s: what is wrong with the request is told: %s+%s",
    async (client, _way, model, failure, status) => {
      const visit = new Visit(gateway);
      const error = await caught(COUNTERS[client](visit, `${model}+${failure}`));
      expect([OpenAI.APIError, Anthropic.APIError, ApiError].some((kind) => error instanceof kind)).toBe(true);
      expect(error.status).toBe(status);
      expect(counted(visit)).toBeNull();
      const row = await requestRow(gateway, visit.seen[0]?.requestId ?? "");
      expect(row).toMatchObject({ outcome: "provider_error", status, cost_nano: 0, tokens: FREE });
    },
  );
});

describe("the same count asked again", () => {
  test.concurrent.each(CLIENTS)("%s is answered without the provider", async (client) => {
    for (const model of ["anthropic/claude-haiku-4-5", "google/gemini-3.6-flash", "openai/gpt-4.1"]) {
      const visit = new Visit(gateway);
      const tokens = await COUNTERS[client](visit, model);
      expect(await COUNTERS[client](visit, model)).toBe(tokens);
      expect([counted(visit, 0), counted(visit, 1)]).toEqual([null, "cached"]);
      // Another text, another count.
      expect(await COUNTERS[client](visit, model, `${visit.marker} and more`)).toBeGreaterThan(tokens);
      expect(counted(visit, 2)).toBeNull();
      await visit.books(2);
      const rows = await visit.rows();
      expect(rows.map(({ outcome, exact, cost_nano }) => [outcome, exact, cost_nano])).toEqual(
        Array(3).fill(["ok", true, 0]),
      );
    }
  });

  test("by its bytes and by what it is read by", async () => {
    const visit = new Visit(gateway);
    const ask = async (version: string, more: Record<string, string> = {}) => {
      const response = await fetch(`${gateway.url}/v1/messages/count_tokens`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${gateway.apiKey}`,
          "content-type": "application/json",
          "anthropic-version": version,
          ...more,
        },
        body: JSON.stringify({
          model: "anthropic/claude-haiku-4-5",
          messages: [{ role: "user", content: visit.marker }],
        }),
      });
      return [await response.text(), response.headers.get("x-gaia-token-count")];
    };
    const [text] = await ask("2023-06-01");
    expect(await ask("2023-06-01")).toEqual([text, "cached"]);
    expect(await ask("2026-10-21")).toEqual([text, null]);
    expect(await ask("2023-06-01", { "anthropic-beta": "something-2026-01-01" })).toEqual([text, null]);
  });

  test("with the same warnings", async () => {
    const visit = new Visit(gateway);
    const ask = () =>
      visit.anthropic().messages.countTokens({
        model: "openai/gpt-4.1",
        messages: [{ role: "user", content: visit.marker }],
        mcp_servers: [],
        context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
      } as never);
    await ask();
    await ask();
    const warnings = visit.seen.map(({ headers }) => headers.get("x-gaia-warnings"));
    expect(warnings[0]).toContain("context_management");
    expect(warnings[1]).toBe(warnings[0]);
    expect(counted(visit, 1)).toBe("cached");
  });

  test("an estimate for a failure is not remembered", async () => {
    const visit = new Visit(gateway);
    const model = "anthropic/claude-haiku-4-5+status-503+first-1";
    await COUNTERS.messages(visit, model);
    await COUNTERS.messages(visit, model);
    expect([counted(visit, 0), counted(visit, 1)]).toEqual(["estimated", null]);
  });
});

describe("Gemini's two forms of a count", () => {
  const tools = [{ functionDeclarations: [{ name: "f", parametersJsonSchema: { type: "object", properties: {} } }] }];
  const form = (visit: Visit, held: string | null) => {
    const request = {
      contents: [{ role: "user", parts: [{ text: visit.marker }] }],
      systemInstruction: { parts: [{ text: "be brief" }] },
      tools,
      generationConfig: { seed: 7 },
    };
    return held === null ? request : { [held]: { model: "models/m", ...request } };
  };
  const ask = async (visit: Visit, model: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/v1beta/models/${model}:countTokens`, {
      method: "POST",
      headers: { "x-goog-api-key": gateway.apiKey, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    visit.seen.push({ requestId: response.headers.get("x-request-id") ?? "", headers: response.headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  const FORMS = [null, "generateContentRequest", "generate_content_request"];

  test.each(FORMS)("%s: instructions and tools count, and warnings name the client's own paths", async (held) => {
    const visit = new Visit(gateway);
    const counts = [];
    for (const model of ["anthropic/claude-haiku-4-5", "compatible/some-model"]) {
      const { status, body } = await ask(visit, model, form(visit, held));
      expect([status, Object.keys(body)]).toEqual([200, ["totalTokens"]]);
      counts.push(body.totalTokens);
    }
    const [entry] = await visit.books(1);
    expect(entry?.body).toMatchObject({
      model: "claude-haiku-4-5",
      system: [{ type: "text", text: "be brief" }],
      tools: [{ name: "f" }],
      messages: [{ role: "user", content: [{ type: "text", text: visit.marker }] }],
    });
    expect(entry?.body).not.toHaveProperty("max_tokens");
    const path = held === null ? "generationConfig.seed" : `${held}.generationConfig.seed`;
    expect(visit.seen[0]?.headers.get("x-gaia-warnings")).toBe(`param_dropped@${path}`);
    const text = Math.ceil(visit.marker.length / 4);
    expect(counts[1]).toBe(text + 2 + 8 + 8 + Math.ceil("f".length / 4) + 9);
  });

  test.each(FORMS)("%s: errors name them too", async (held) => {
    const visit = new Visit(gateway);
    const path = (member: string) => (held === null ? member : `${held}.${member}`);
    const field = (body: Record<string, unknown>) =>
      (body as { error: { details: { metadata: { field: string } }[] } }).error.details[0]?.metadata.field;
    const spoilt = (more: object) => {
      const body = form(visit, held);
      return held === null ? { ...body, ...more } : { [held]: { ...(body as Record<string, object>)[held], ...more } };
    };
    const state = await ask(visit, "anthropic/claude-haiku-4-5", spoilt({ cachedContent: "cachedContents/1" }));
    expect([state.status, field(state.body)]).toEqual([400, path("cachedContent")]);
    const strict = await ask(visit, "anthropic/claude-haiku-4-5", form(visit, held), { "x-gaia-strict": "true" });
    expect([strict.status, field(strict.body)]).toEqual([400, path("generationConfig.seed")]);
    for (const model of ["anthropic/claude-haiku-4-5", "compatible/some-model"]) {
      const wrong = await ask(visit, model, spoilt({ contents: [{ role: "robot", parts: [] }] }));
      expect([wrong.status, field(wrong.body)]).toEqual([400, path("contents[0].role")]);
      expect(JSON.stringify(wrong.body)).toContain(`'${path("contents[0].role")}'`);
    }
    expect(await visit.books(0)).toEqual([]);
  });

  test("a relay is left as it is", async () => {
    const visit = new Visit(gateway);
    const body = form(visit, "generateContentRequest");
    const { status } = await ask(visit, "google/gemini-3.6-flash", body);
    expect(status).toBe(200);
    expect((await visit.books(1))[0]?.body).toEqual(body);
  });

  test("another vendor's reasoning is taken out of a relay, in either form", async () => {
    const visit = new Visit(gateway);
    // A thought of Claude's as a client of Gemini's dialect carries it.
    const answer = await visit.google().models.generateContent({
      model: "anthropic/claude-sonnet-4-6+thinking",
      contents: visit.marker,
      config: { thinkingConfig: { thinkingBudget: 2048, includeThoughts: true } },
    });
    const thought = answer.candidates?.[0]?.content;
    expect(JSON.stringify(thought)).toContain("thoughtSignature");
    const contents = [
      { role: "user", parts: [{ text: visit.marker }] },
      thought,
      { role: "user", parts: [{ text: "and?" }] },
    ];
    for (const held of FORMS) {
      const body = held === null ? { contents } : { [held]: { model: "models/google/gemini-3.6-flash", contents } };
      const { status } = await ask(visit, "google/gemini-3.6-flash", body);
      expect(status).toBe(200);
    }
    const [, ...counts] = await visit.books(4);
    for (const { body } of counts) expect(JSON.stringify(body)).not.toContain("Z2FpYTEu");
    expect(visit.seen.at(-1)?.headers.get("x-gaia-warnings")).toContain(
      "reasoning_state_dropped@generate_content_request.contents[1].parts",
    );
  });
});

describe("Responses' counter as an endpoint", () => {
  test("what stands for a stored input goes to OpenAI alone", async () => {
    const visit = new Visit(gateway);
    const stored = await visit.openai().responses.create({ model: "openai/gpt-4.1", input: visit.marker, store: true });
    const asked = { input: "and?", previous_response_id: stored.id };
    const { input_tokens: tokens } = await visit
      .openai()
      .responses.inputTokens.count({ model: "openai/gpt-4.1", ...asked });
    expect(tokens).toBeGreaterThan(Math.ceil(visit.marker.length / 4));
    for (const model of ["openrouter/openai/gpt-6.1-sol", "anthropic/claude-haiku-4-5", "compatible/some-model"]) {
      const error = await caught(visit.openai().responses.inputTokens.count({ model, ...asked }));
      expect(error).toMatchObject({ status: 400, code: "state_unsupported", param: "previous_response_id" });
    }
  });

  test("the body's shape is OpenAI's own", async () => {
    const visit = new Visit(gateway);
    for (const model of ["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "compatible/some-model"]) {
      const counted = await visit.openai().responses.inputTokens.count({ model, input: visit.marker });
      expect(counted).toEqual({ object: "response.input_tokens", input_tokens: expect.any(Number) });
    }
  });

  test("reasoning, tools and instructions count", async () => {
    const visit = new Visit(gateway);
    const model = "google/gemini-3.6-flash";
    const plain = await visit.openai().responses.inputTokens.count({ model, input: visit.marker });
    const more = await visit.openai().responses.inputTokens.count({
      model,
      input: visit.marker,
      instructions: "be brief",
      tools: [{ type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false }],
    });
    expect(more.input_tokens).toBeGreaterThan(plain.input_tokens + 2);
  });
});

describe("a host that has no counter where the vendor has one", () => {
  const ANSWERS: Record<string, { status: number; body: unknown }> = {
    "bare-404": { status: 404, body: { detail: "Not Found" } },
    "page-404": { status: 404, body: "<html>404</html>" },
    "status-405": { status: 405, body: { error: { message: "Method Not Allowed", type: "invalid_request_error" } } },
    "status-501": { status: 501, body: {} },
    "chat-only": {
      status: 400,
      body: {
        error: {
          message: "This model is only supported in v1/chat/completions and not in v1/responses.",
          type: "invalid_request_error",
          param: "model",
          code: null,
        },
      },
    },
    unknown: {
      status: 404,
      body: {
        error: {
          message: "The model 'unknown' does not exist",
          type: "invalid_request_error",
          code: "model_not_found",
        },
      },
    },
  };
  let upstream: JsonUpstream<{ model: string }>;
  let elsewhere: Gateway;
  beforeAll(async () => {
    upstream = await startJsonUpstream(({ body }) => ANSWERS[body.model] ?? { status: 500, body: {} });
    elsewhere = await startGateway({
      bindings: { OPENAI_API_KEY: "key", OPENAI_BASE_URL: `${upstream.url}/v1` },
    });
  });
  afterAll(async () => {
    await elsewhere?.stop();
    await upstream?.close();
  });

  test.each(["bare-404", "page-404", "status-405", "status-501", "chat-only"])("%s: estimated", async (model) => {
    for (const client of CLIENTS) {
      const visit = new Visit(elsewhere);
      expect(await COUNTERS[client](visit, `openai/${model}`)).toBe(Math.ceil(visit.marker.length / 4) + 4);
      expect(counted(visit)).toBe("estimated");
    }
  });

  test("a model that its vendor does not know: told", async () => {
    for (const client of CLIENTS) {
      const visit = new Visit(elsewhere);
      expect((await caught(COUNTERS[client](visit, "openai/unknown"))).status).toBe(404);
    }
  });
});
