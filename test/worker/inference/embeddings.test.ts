import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embed, toNumbers } from "../../../local/simulator/vectors.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { type JsonUpstream, startJsonUpstream } from "../../support/json-upstream.ts";
import { bookCost } from "../sdk/price-book.ts";
import { checkMetered, Visit } from "../sdk/visit.ts";

/** Embeddings through translation: each dialect's SDK against models of providers that speak the other. */

const warningsOf = (visit: Visit, at = 0) => visit.seen[at]?.headers.get("x-gaia-warnings") ?? null;

/** The thrown error of an SDK. */
async function caught(promise: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await promise;
  } catch (error) {
    return error as Record<string, unknown> & Error;
  }
  throw new Error("nothing was thrown");
}

describe("over the simulated providers", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.stop());

  const whole = { requests: [{ stop: null, streamed: false }], operation: "embed" };

  describe("OpenAI's SDK to Google", () => {
    const model = "google/gemini-embedding-001";

    test("texts, in base64 that the SDK asks for by itself, and as numbers", async () => {
      const visit = new Visit(gateway);
      const asked = { model, input: [visit.marker, "two"], dimensions: 8, user: "someone@example.com" };
      const packed = await visit.openai().embeddings.create(asked);
      const plain = await visit.openai().embeddings.create({ ...asked, encoding_format: "float" });
      const expected = asked.input.map((text) => toNumbers(embed(text, 8)));
      expect(plain).toMatchObject({ object: "list", model });
      expect(plain.data).toEqual(expected.map((embedding, index) => ({ object: "embedding", index, embedding })));
      for (const [index, { embedding }] of packed.data.entries()) {
        expect(embedding).toHaveLength(8);
        for (const [at, value] of embedding.entries()) expect(value).toBeCloseTo(expected[index]?.[at] ?? 9, 6);
      }
      const { rows, books } = await checkMetered(visit, {
        ...whole,
        dialect: "openai-embeddings",
        model,
        requests: [...whole.requests, ...whole.requests],
        endUser: expect.stringMatching(/^hmac:/) as unknown as string,
      });
      expect(plain.usage).toEqual({
        prompt_tokens: rows[0]?.tokens.input_uncached,
        total_tokens: rows[0]?.tokens.input_uncached,
      });
      expect(books[0]).toMatchObject({
        path: "/google/v1beta/models/gemini-embedding-001:batchEmbedContents",
        body: {
          requests: asked.input.map((text) => ({
            model: "models/gemini-embedding-001",
            content: { parts: [{ text }] },
            outputDimensionality: 8,
          })),
        },
      });
      // The user is told to nobody, and nothing that was asked for is missing.
      expect(JSON.stringify(books)).not.toContain("someone");
      expect(warningsOf(visit)).toBeNull();
    });

    test("250 texts: three calls in order, one row with the sum", async () => {
      const visit = new Visit(gateway);
      const input = Array.from({ length: 250 }, (_, index) => `${visit.marker} number ${index}`);
      const answer = await visit.openai().embeddings.create({ model, input, encoding_format: "float", dimensions: 4 });
      expect(answer.data.map(({ index }) => index)).toEqual(input.map((_, index) => index));
      expect(answer.data.map(({ embedding }) => embedding)).toEqual(input.map((text) => toNumbers(embed(text, 4))));
      const [books, rows] = await Promise.all([visit.books(3), visit.rows()]);
      const sizes = books.map(({ body }) => (body as { requests: unknown[] }).requests.length);
      expect(sizes.sort()).toEqual([100, 100, 50].sort());
      const tokens = books.reduce((sum, entry) => sum + (entry.tokens?.inputUncached ?? 0), 0);
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ outcome: "ok", exact: true, tokens: { input_uncached: tokens, output: 0 } });
      expect(answer.usage.total_tokens).toBe(tokens);
      const [first] = books;
      const together = { ...first, tokens: { ...first?.tokens, inputUncached: tokens } };
      expect(rows[0]?.cost_nano).toBe(bookCost(model, together as Parameters<typeof bookCost>[1]));
      expect(visit.seen[0]?.headers.get("x-gaia-cost")).toBe(rows[0]?.cost_usd);
    });

    test("a failing call fails the request; what the others used is settled", async () => {
      const visit = new Visit(gateway);
      const failing = `${model}+status-429+first-1`;
      const input = Array.from({ length: 250 }, (_, index) => `${visit.marker} number ${index}`);
      const error = await caught(visit.openai().embeddings.create({ model: failing, input }));
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
      expect(visit.seen[0]?.headers.get("x-gaia-upstream-status")).toBe("429");
      const [books, rows] = await Promise.all([visit.books(3), visit.rows()]);
      const used = books.reduce(
        (sum, entry) => sum + (entry.status === 200 ? (entry.tokens?.inputUncached ?? 0) : 0),
        0,
      );
      expect(used).toBeGreaterThan(0);
      expect(rows[0]).toMatchObject({
        outcome: "provider_error",
        status: 429,
        error_code: "RESOURCE_EXHAUSTED",
        exact: true,
        tokens: { input_uncached: used },
      });
    });

    test("a request that fails altogether costs nothing", async () => {
      const visit = new Visit(gateway);
      const failing = `${model}+status-400`;
      const error = await caught(visit.openai().embeddings.create({ model: failing, input: visit.marker }));
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      const [row] = await visit.rows();
      expect(row).toMatchObject({
        outcome: "provider_error",
        status: 400,
        cost_nano: 0,
        tokens: { input_uncached: 0 },
      });
    });

    test("usage that is not told is estimated, and said to be", async () => {
      const visit = new Visit(gateway);
      const answer = await visit.openai().embeddings.create({ model: `${model}+no-usage`, input: [visit.marker, "x"] });
      const tokens = Math.ceil(visit.marker.length / 4) + 1;
      expect(answer.usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
      expect(warningsOf(visit)).toBe("usage_estimated@answer.usage");
      const [row] = await visit.rows();
      expect(row).toMatchObject({ exact: false, tokens: { input_uncached: tokens } });
    });

    test("strict mode refuses what would be lost, and only that", async () => {
      const visit = new Visit(gateway);
      const strict = { headers: { "x-gaia-strict": "true" } };
      const asked = { model, input: visit.marker, user: "u" };
      await visit.openai().embeddings.create(asked, strict);
      const error = await caught(
        visit.openai().embeddings.create({ ...asked, input_type: "query" } as typeof asked, strict),
      );
      expect(error).toMatchObject({ status: 400, code: "translation_loss", param: "input_type" });
      await visit.books(1);
      await visit.openai().embeddings.create({ ...asked, input_type: "query" } as typeof asked);
      expect(warningsOf(visit, 2)).toBe("param_dropped@input_type");
    });

    test.each([
      ["token numbers", { input: [[1, 2, 3]] }, { code: "token_input_unsupported", param: "input[0]" }],
      ["2,049 texts", { input: Array(2049).fill("x") }, { code: "invalid_value", param: "input" }],
      ["an empty text", { input: ["a", ""] }, { code: "invalid_value", param: "input[1]" }],
      ["no input", {}, { code: "missing_required_parameter", param: "input" }],
      ["dimensions of nothing", { input: "x", dimensions: 0 }, { code: "invalid_value", param: "dimensions" }],
    ])("%s: 400 before anything is sent", async (_what, body, expected) => {
      const visit = new Visit(gateway);
      const asked = { model, ...body } as OpenAI.EmbeddingCreateParams;
      expect(await caught(visit.openai().embeddings.create(asked))).toMatchObject({ status: 400, ...expected });
      expect(await visit.books(0)).toEqual([]);
    });
  });

  describe("Google's SDK to others", () => {
    const MODELS = [
      ["openai/text-embedding-3-small", "/openai/v1/embeddings"],
      ["openrouter/openai/text-embedding-3-small", "/openrouter/api/v1/embeddings"],
    ] as const;

    test.each(MODELS)("one and many with %s", async (model, path) => {
      const visit = new Visit(gateway);
      const config = { outputDimensionality: 8 };
      const one = await visit.google().models.embedContent({ model, contents: visit.marker, config });
      const many = await visit.google().models.embedContent({ model, contents: [visit.marker, "two"], config });
      expect(one.embeddings).toEqual([{ values: toNumbers(embed(visit.marker, 8)) }]);
      expect(many.embeddings).toEqual([visit.marker, "two"].map((text) => ({ values: toNumbers(embed(text, 8)) })));
      const { rows, books } = await checkMetered(visit, {
        ...whole,
        dialect: "google-generate-content",
        model,
        requests: [...whole.requests, ...whole.requests],
      });
      expect(many.usageMetadata?.promptTokenCount).toBe(rows[1]?.tokens.input_uncached);
      expect(books[1]).toMatchObject({
        path,
        body: { input: [visit.marker, "two"], dimensions: 8, encoding_format: "float" },
      });
    });

    test("with a model of any compatible host, which has no price", async () => {
      const visit = new Visit(gateway);
      const model = "compatible/nomic-embed-text";
      const answer = await visit.google().models.embedContent({ model, contents: visit.marker });
      expect(answer.embeddings?.[0]?.values).toHaveLength(1536);
      const [row] = await visit.rows();
      expect(row).toMatchObject({ outcome: "ok", provider: "compatible", cost_nano: 0, exact: true });
    });

    test.each(["embedContent", "batchEmbedContents"])(
      ":%s in its own shape, the options it cannot keep named",
      async (method) => {
        const visit = new Visit(gateway);
        const model = "openai/text-embedding-3-small";
        const request = {
          content: { parts: [{ text: visit.marker }] },
          task_type: "CLUSTERING",
          outputDimensionality: 2,
        };
        const batch = method === "batchEmbedContents";
        const response = await fetch(`${gateway.url}/v1beta/models/${model}:${method}`, {
          method: "POST",
          headers: { "x-goog-api-key": gateway.apiKey, "content-type": "application/json" },
          body: JSON.stringify(batch ? { requests: [request] } : request),
        });
        const values = toNumbers(embed(visit.marker, 2));
        const tokens = Math.ceil(visit.marker.length / 4);
        expect(await response.json()).toEqual({
          ...(batch ? { embeddings: [{ values }] } : { embedding: { values } }),
          usageMetadata: { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] },
        });
        expect(response.headers.get("x-gaia-warnings")).toBe(`param_dropped@${batch ? "requests[0]." : ""}task_type`);
      },
    );

    test("a batch of different lengths: one call for each run of them, in order", async () => {
      const visit = new Visit(gateway);
      const content = { parts: [{ text: visit.marker }] };
      const response = await fetch(`${gateway.url}/v1beta/models/openai/text-embedding-3-small:batchEmbedContents`, {
        method: "POST",
        headers: { "x-goog-api-key": gateway.apiKey, "content-type": "application/json" },
        body: JSON.stringify({
          requests: [2, 2, 3, 2].map((outputDimensionality) => ({ content, outputDimensionality })),
        }),
      });
      const { embeddings } = (await response.json()) as { embeddings: { values: number[] }[] };
      expect(embeddings.map(({ values }) => values.length)).toEqual([2, 2, 3, 2]);
      await visit.books(3);
    });

    test("a provider's error in Google's envelope", async () => {
      const visit = new Visit(gateway);
      const model = "openai/text-embedding-3-small+status-429+retry-after-ms-7000";
      const error = await caught(visit.google().models.embedContent({ model, contents: visit.marker }));
      expect(error.status).toBe(429);
      const { error: told } = JSON.parse(error.message);
      expect(told).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
      expect(visit.seen[0]?.headers.get("retry-after")).toBe("7");
      const [row] = await visit.rows();
      expect(row).toMatchObject({ outcome: "provider_error", status: 429, cost_nano: 0 });
    });
  });

  test("Anthropic makes none: 404 in the client's envelope, before anything is sent", async () => {
    const visit = new Visit(gateway);
    const model = "anthropic/claude-haiku-4-5";
    const openai = await caught(visit.openai().embeddings.create({ model, input: visit.marker }));
    expect(openai).toBeInstanceOf(OpenAI.NotFoundError);
    expect(openai).toMatchObject({ code: "operation_not_served", param: "model" });
    const google = await caught(visit.google().models.embedContent({ model, contents: visit.marker }));
    // Whose models would do is the same for both clients: each of them reaches every provider.
    for (const { message } of [openai, google]) expect(message).toContain("openai, google, openrouter, compatible");
    expect(JSON.parse(google.message).error).toMatchObject({ code: 404, status: "NOT_FOUND" });
    expect(await visit.books(0)).toEqual([]);
    for (const { headers } of visit.seen) expect(headers.get("x-should-retry")).toBe("false");
  });
});

describe("over providers that answer as real ones have", () => {
  let upstream: JsonUpstream<{ model: string; input: string[]; requests: unknown[] }>;
  let gateway: Gateway;
  let hold: Promise<void> | null = null;
  beforeAll(async () => {
    upstream = await startJsonUpstream(async ({ path, body }) => {
      if (path === "/v1/embeddings") {
        const bytes = Buffer.from(new Float32Array([0.5, -0.25]).buffer).toString("base64");
        const data = body.input.map((_, index) => ({ object: "embedding", index, embedding: bytes }));
        return { body: { object: "list", data: data.reverse(), model: body.model } };
      }
      if (path.includes("lengths")) return { body: { embeddings: [{ values: [1] }] } };
      if (path.includes("html")) return { body: "<html>", headers: { "content-type": "text/html" } };
      if (path.includes("slow")) await hold;
      // gemini-embedding-001 cuts its vectors and tells no usage; what is left has length 0.57.
      return { body: { embeddings: body.requests.map(() => ({ values: [0.34059, 0.45412] })) } };
    });
    gateway = await startGateway({
      bindings: {
        GOOGLE_API_KEY: "google-key",
        GOOGLE_BASE_URL: upstream.url,
        COMPATIBLE_API_KEY: "compatible-key",
        COMPATIBLE_BASE_URL: `${upstream.url}/v1`,
      },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await upstream?.close();
  });

  const client = (visit: Visit) => visit.openai();

  test("a reduced vector is stretched to length one, and said to be", async () => {
    const visit = new Visit(gateway);
    const asked: OpenAI.EmbeddingCreateParams = {
      model: "google/gemini-embedding-001",
      input: ["one", "two"],
      encoding_format: "float",
    };
    const reduced = await client(visit).embeddings.create({ ...asked, dimensions: 2 });
    for (const { embedding } of reduced.data) expect(Math.hypot(...embedding)).toBeCloseTo(1, 7);
    expect(reduced.data[0]?.embedding).toEqual([0.6, 0.8].map((value) => expect.closeTo(value, 4)));
    expect(warningsOf(visit)).toBe("embedding_normalized@dimensions; usage_estimated@answer.usage");
    // Without dimensions the vector is the model's own.
    const own = await client(visit).embeddings.create(asked);
    expect(own.data[0]?.embedding).toEqual([0.34059, 0.45412]);
    expect(warningsOf(visit, 1)).toBe("usage_estimated@answer.usage");
  });

  test("a host that answers in base64, out of order, without usage", async () => {
    const visit = new Visit(gateway);
    const answer = await visit.google().models.embedContent({ model: "compatible/m", contents: ["one", "two"] });
    expect(answer.embeddings).toEqual([{ values: [0.5, -0.25] }, { values: [0.5, -0.25] }]);
    expect(upstream.calls.at(-1)).toMatchObject({
      path: "/v1/embeddings",
      headers: { authorization: "Bearer compatible-key" },
      body: { model: "m", input: ["one", "two"], encoding_format: "float" },
    });
    // Nothing of the client's own dialect reaches a host that does not speak it.
    expect(Object.keys(upstream.calls.at(-1)?.headers ?? {})).not.toContain("x-goog-api-client");
  });

  test.each([
    ["fewer vectors than texts", "google/lengths"],
    ["an answer that is none", "google/html"],
  ])("%s: 502, billed by our estimate", async (_what, model) => {
    const visit = new Visit(gateway);
    const error = await caught(client(visit).embeddings.create({ model, input: ["four", "more"] }));
    expect(error).toMatchObject({ status: 502, code: "upstream_error" });
    const [row] = await visit.rows();
    expect(row).toMatchObject({ outcome: "provider_error", error_code: "malformed", tokens: { input_uncached: 2 } });
  });

  test("a client that leaves: settled once, with what was under way", async () => {
    const visit = new Visit(gateway);
    let release = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const abort = new AbortController();
    const before = upstream.calls.length;
    const input = Array.from({ length: 150 }, () => "four");
    const asked = client(visit).embeddings.create({ model: "google/slow", input }, { signal: abort.signal });
    asked.catch(() => {});
    while (upstream.calls.length < before + 2) await new Promise((resolve) => setTimeout(resolve, 20));
    abort.abort();
    await expect(asked).rejects.toThrow(/abort/i);
    // workerd sees that the client has gone when it has something to send.
    release();
    let rows: Record<string, unknown>[] = [];
    while (rows.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      rows = await gateway.database
        .sql`select rev, exact, input_uncached::int from usage_events where upstream_model = 'slow'`;
    }
    expect(rows).toEqual([{ rev: 0, exact: false, input_uncached: 150 }]);
  });
});
