import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { type JsonUpstream, startJsonUpstream } from "../../support/json-upstream.ts";
import { checkMetered, Visit } from "../sdk/visit.ts";

/** The provider `compatible`: any host that speaks Chat Completions, at the operator's address. */

const model = "compatible/meta/llama-5:70b";

describe("without a key it is simulated", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    // A key alone has no address to go to.
    gateway = await startGateway({ bindings: { COMPATIBLE_API_KEY: "key", ANTHROPIC_VERSION: "2026-10-21" } });
  });
  afterAll(() => gateway?.stop());

  const one = { requests: [{ stop: "end_turn", streamed: false }] };

  test("Chat's client is relayed, and nothing has a price", async () => {
    const visit = new Visit(gateway);
    const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
      model,
      messages: [{ role: "user", content: visit.marker }],
      max_tokens: 200,
    };
    await visit.openai().chat.completions.create(body);
    const { rows, books } = await checkMetered(visit, { ...one, dialect: "openai-chat", model });
    expect(books[0]).toMatchObject({ provider: "compatible", body: { ...body, model: "meta/llama-5:70b" } });
    expect(rows[0]).toMatchObject({ cost_nano: 0, cost_usd: "0" });
  });

  test("every other client is translated", async () => {
    const visit = new Visit(gateway);
    const [responses, messages, gemini] = [
      await visit.openai().responses.create({ model, input: visit.marker }),
      await visit.anthropic().messages.create({
        model,
        max_tokens: 200,
        messages: [{ role: "user", content: visit.marker }],
        ...{ top_k: 7 },
      }),
      await visit.google().models.generateContent({ model, contents: visit.marker }),
    ];
    for (const text of [responses.output_text, JSON.stringify(messages.content), gemini.text]) {
      expect(text).toContain(visit.marker);
    }
    const [rows, books] = await Promise.all([visit.rows(), visit.books(3)]);
    for (const { path } of books) expect(path).toBe("/compatible/v1/chat/completions");
    // Such hosts take more sampling parameters than OpenAI does.
    expect(books[1]?.body).toMatchObject({ top_k: 7, max_tokens: 200 });
    for (const row of rows) {
      expect(row).toMatchObject({ provider: "compatible", outcome: "ok", exact: true, cost_nano: 0 });
    }
    expect(visit.seen.map(({ headers }) => headers.get("x-gaia-provider"))).toEqual(
      Array(3).fill("compatible (simulated)"),
    );
  });

  test("a stream's usage is asked for, and kept from a client that did not", async () => {
    const visit = new Visit(gateway);
    const messages = [{ role: "user" as const, content: visit.marker }];
    const stream = await visit.openai().chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    const [row] = await visit.rows();
    expect(row).toMatchObject({ streamed: true, exact: true });
    expect((await visit.books(1))[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  test("translated requests to Anthropic are written in the version that is set, others keep their own", async () => {
    const visit = new Visit(gateway);
    const claude = "anthropic/claude-haiku-4-5";
    const messages = [{ role: "user" as const, content: visit.marker }];
    await visit.openai().chat.completions.create({ model: claude, messages, temperature: 0.5 });
    expect(visit.seen[0]?.headers.get("x-gaia-warnings")).toBe("param_dropped@temperature");
    await fetch(`${gateway.url}/v1/messages`, {
      method: "POST",
      headers: {
        "x-api-key": gateway.apiKey,
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
      },
      body: JSON.stringify({ model: claude, max_tokens: 64, temperature: 0.5, messages }),
    });
    const books = await visit.books(2);
    expect(books.map(({ headers }) => headers["anthropic-version"])).toEqual(["2026-10-21", "2023-06-01"]);
    expect(books.map(({ body }) => "temperature" in (body as object))).toEqual([false, true]);
  });
});

describe("with its key and address", () => {
  let upstream: JsonUpstream<Record<string, unknown>>;
  let gateway: Gateway;
  beforeAll(async () => {
    upstream = await startJsonUpstream(({ body }) => ({
      body: {
        id: "cmpl-1",
        object: "chat.completion",
        created: 1,
        model: body.model,
        choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
      },
    }));
    gateway = await startGateway({
      bindings: { SIMULATOR_URL: "", COMPATIBLE_API_KEY: "host-key", COMPATIBLE_BASE_URL: `${upstream.url}/some/v1/` },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await upstream?.close();
  });

  test("it is called there, with its key and not the client's", async () => {
    const visit = new Visit(gateway);
    const messages = [{ role: "user" as const, content: visit.marker }];
    const answered = await visit.openai().chat.completions.create({ model, messages });
    expect(answered.choices[0]?.message.content).toBe("hello");
    const called = upstream.calls.at(-1);
    expect(called).toMatchObject({
      method: "POST",
      path: "/some/v1/chat/completions",
      body: { model: "meta/llama-5:70b" },
    });
    expect(called?.headers.authorization).toBe("Bearer host-key");
    // It could be a gateway too, which must know how many there were.
    expect(called?.headers["x-gaia-hop"]).toBe("1");
    expect(JSON.stringify(called)).not.toContain(gateway.apiKey);
    expect(visit.seen[0]?.headers.get("x-gaia-provider")).toBe("compatible");
    const [row] = await visit.rows();
    expect(row).toMatchObject({ simulated: false, cost_nano: 0, tokens: { input_uncached: 3, output: 1 } });
  });

  test("translated as well", async () => {
    const visit = new Visit(gateway);
    const answered = await visit.google().models.generateContent({ model, contents: visit.marker });
    expect(answered.text).toBe("hello");
    expect(upstream.calls.at(-1)?.headers.authorization).toBe("Bearer host-key");
  });

  test("a provider without a key is not there at all: 503, and in no list", async () => {
    const visit = new Visit(gateway);
    const asked = visit.openai().chat.completions.create({
      model: "openai/gpt-4.1",
      messages: [{ role: "user", content: visit.marker }],
    });
    await expect(asked).rejects.toMatchObject({ status: 503, code: "provider_not_configured" });
    expect((await visit.openai().models.list()).data).toEqual([]);
    await expect(visit.openai().models.retrieve("gpt-4.1")).rejects.toMatchObject({ status: 404 });
    expect((await visit.openai().models.retrieve(model)).id).toBe(model);
  });
});
