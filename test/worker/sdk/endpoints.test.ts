import type Anthropic from "@anthropic-ai/sdk";
import type { Model } from "@google/genai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import models from "../../../worker/catalog/models.json" with { type: "json" };
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { checkMetered, collect, Visit } from "./visit.ts";

/** Everything but conversations: model lists in three shapes, embeddings in two, styles of credential, plain pages. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

/** What each list's own client can call here: OpenAI's pictures, sound and moderation have endpoints that are not served. */
const idsOf = (withoutModels: (kind: string, provider: string) => boolean) =>
  models
    .filter(({ kind, provider }) => !withoutModels(kind, provider))
    .map((model) => `${model.provider}/${model.upstreamId}`);
const isUnserved = (kind: string, provider: string) =>
  kind === "moderation" || (provider === "openai" && (kind === "image" || kind === "audio"));
const ids = idsOf(isUnserved);
const chatIds = idsOf((kind) => kind !== "chat");

describe("model lists", () => {
  test("in OpenAI's shape, whole", async () => {
    const client = new Visit(gateway).openai();
    const listed = await collect(client.models.list());
    expect(listed.map((model) => model.id)).toEqual(ids);
    expect(listed[0]).toMatchObject({ object: "model", created: expect.any(Number), owned_by: expect.any(String) });
    for (const name of ["openai/gpt-4.1", "gpt-4.1", "openrouter/openai/gpt-6.1-sol"]) {
      expect((await client.models.retrieve(name)).id).toBe(name.includes("/") ? name : `openai/${name}`);
    }
    await expect(client.models.retrieve("nothing")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });

  test("in Anthropic's shape, page by page in both directions", async () => {
    const visit = new Visit(gateway);
    const client = visit.anthropic();
    const listed = await collect(client.models.list({ limit: 50 }));
    expect(listed.map((model) => model.id)).toEqual(chatIds);
    expect(visit.seen).toHaveLength(Math.ceil(chatIds.length / 50));
    // Where the SDK looks for the id that a user reports.
    for (const { headers, requestId } of visit.seen) expect(headers.get("request-id")).toBe(requestId);
    expect(listed[0]).toMatchObject({
      type: "model",
      display_name: expect.any(String),
      created_at: expect.any(String),
    });
    expect((await client.models.list()).data).toHaveLength(20);
    const [, , , fourth, fifth] = chatIds;
    const before = await client.models.list({ before_id: fifth ?? "", limit: 2 });
    expect(before.data.map((model) => model.id)).toEqual([chatIds[2], fourth]);
    expect(before).toMatchObject({ has_more: true, first_id: chatIds[2], last_id: fourth });
    const backwards = await collect(client.models.list({ before_id: fifth ?? "", limit: 3 }));
    expect(backwards.map((model) => model.id)).toEqual([chatIds[1], chatIds[2], fourth, chatIds[0]]);
    expect((await client.models.retrieve("claude-haiku-4-5")).id).toBe("anthropic/claude-haiku-4-5");
    await expect(client.models.retrieve("nothing")).rejects.toMatchObject({ status: 404 });
    for (const query of [{ limit: 1001 }, { after_id: "nothing" }, { before_id: "nothing" }, { lifecycle: ["gone"] }]) {
      const refused = client.models.list(query as Anthropic.ModelListParams);
      await expect(refused).rejects.toMatchObject({
        status: 400,
        error: { error: { details: { error_code: "invalid_value", param: Object.keys(query)[0] } } },
      });
    }
  });

  test("Anthropic's stages of life", async () => {
    const client = new Visit(gateway).anthropic();
    const list = (lifecycle: ("active" | "deprecated" | "retired")[]) =>
      collect(client.models.list({ limit: 1000, lifecycle }));
    const [active, deprecated] = [await list(["active"]), await list(["deprecated"])];
    expect(active.length + deprecated.length).toBe(chatIds.length);
    expect(await list(["active", "deprecated"])).toHaveLength(chatIds.length);
    expect(await list(["retired"])).toEqual([]);
    expect(deprecated.length).toBeGreaterThan(0);
    for (const { lifecycle, retires_at } of deprecated) {
      expect([lifecycle, retires_at]).toEqual(["deprecated", expect.stringMatching(/^20\d\d-\d\d-\d\dT00:00:00Z$/)]);
    }
    for (const { lifecycle, retires_at } of active) expect([lifecycle, retires_at]).toEqual(["active", null]);
    expect((await client.models.retrieve("claude-opus-5-5")).line).toBe("opus");
    expect((await client.models.retrieve("gpt-4.1")).line).toBeNull();
  });

  test.each(["v1beta", "v1"])("in Google's shape under /%s, page by page", async (version) => {
    const visit = new Visit(gateway);
    const client = visit.google({ apiVersion: version });
    const listed: Model[] = [];
    for await (const model of await client.models.list({ config: { pageSize: 100 } })) listed.push(model);
    expect(listed.map((model) => model.name)).toEqual(ids.map((id) => `models/${id}`));
    expect(visit.seen).toHaveLength(Math.ceil(ids.length / 100));
    // More than Google puts on a page is no error there.
    expect((await client.models.list({ config: { pageSize: 5000 } })).page).toHaveLength(ids.length);
    await expect(client.models.list({ config: { pageSize: -1 } })).rejects.toMatchObject({ status: 400 });
    expect((await client.models.get({ model: "google/gemini-3.6-flash" })).name).toBe("models/google/gemini-3.6-flash");
    await expect(client.models.get({ model: "nothing" })).rejects.toMatchObject({ status: 404 });
    const answers = ["generateContent", "streamGenerateContent", "countTokens"];
    for (const model of listed) {
      const kind = models.find(({ provider, upstreamId }) => model.name === `models/${provider}/${upstreamId}`)?.kind;
      expect(model.supportedActions).toEqual(kind === "embedding" ? ["embedContent", "batchEmbedContents"] : answers);
    }
  });

  test("what is listed can be called, and what cannot be is not found", async () => {
    const visit = new Visit(gateway);
    const [openai, anthropic, google] = [visit.openai(), visit.anthropic(), visit.google()];
    const found = (reading: Promise<unknown>) =>
      reading.then(
        () => true,
        (error: { status: number }) => error.status,
      );
    for (const [id, inOpenai, inAnthropic, inGoogle] of [
      ["openai/text-embedding-3-small", true, 404, true],
      ["google/gemini-embedding-001", true, 404, true],
      ["google/gemini-3-pro-image", true, 404, true],
      ["openai/gpt-image-2", 404, 404, 404],
      ["openai/omni-moderation-latest", 404, 404, 404],
      ["openai/gpt-4o-transcribe", 404, 404, 404],
      ["anthropic/claude-haiku-4-5", true, true, true],
    ] as const) {
      expect(
        await Promise.all([
          found(openai.models.retrieve(id)),
          found(anthropic.models.retrieve(id)),
          found(google.models.get({ model: id })),
        ]),
      ).toEqual([inOpenai, inAnthropic, inGoogle]);
    }
    await expect(openai.models.retrieve("gpt-4")).rejects.toThrow(/switched off by its provider on 2026-10-23/);
    await expect(openai.models.retrieve("openai/gpt-4")).rejects.toThrow(/switched off by its provider on 2026-10-23/);
  });

  test.each(["compatible/llama-5", "compatible/meta/llama:5b", "openrouter/meta/llama:free", "openai/gpt-99"])(
    "%s, of which nothing is known, can be read as it can be called, and nothing is invented",
    async (id) => {
      const visit = new Visit(gateway);
      const provider = id.slice(0, id.indexOf("/"));
      expect(await visit.openai().models.retrieve(id)).toEqual({ id, object: "model", created: 0, owned_by: provider });
      expect(await visit.anthropic().models.retrieve(id)).toEqual({
        type: "model",
        id,
        display_name: id,
        created_at: "1970-01-01T00:00:00Z",
        lifecycle: "active",
        line: null,
        max_input_tokens: null,
        max_tokens: null,
        deprecated_at: null,
        retires_at: null,
        capabilities: null,
      });
      const google = await visit.google().models.get({ model: id });
      expect(google).toMatchObject({ name: `models/${id}`, displayName: id });
      for (const unknown of ["inputTokenLimit", "outputTokenLimit", "supportedActions", "thinking"]) {
        expect(google).not.toHaveProperty(unknown);
      }
      const { models: listed } = { models: await collect(visit.openai().models.list()) };
      expect(listed.map((model) => model.id)).not.toContain(id);
      await visit.openai().chat.completions.create({ model: id, messages: [{ role: "user", content: visit.marker }] });
      await visit.books(1);
    },
  );

  test("what Messages can ask of translated models is claimed; of others it is left open", async () => {
    const client = new Visit(gateway).anthropic();
    const listed = await collect(client.models.list({ limit: 1000 }));
    const byId = new Map(listed.map((model) => [model.id, model.capabilities]));
    for (const [id, capabilities] of byId) {
      if (/^(?:anthropic|openrouter)\//.test(id)) expect([id, capabilities]).toEqual([id, null]);
    }
    const yes = { supported: true };
    const no = { supported: false };
    expect(byId.get("openai/gpt-6.1-sol")).toEqual({
      batch: no,
      citations: no,
      code_execution: no,
      context_management: {
        supported: false,
        clear_thinking_20251015: no,
        clear_tool_uses_20250919: no,
        compact_20260112: no,
      },
      effort: { supported: true, low: yes, medium: yes, high: yes, xhigh: yes, max: yes },
      image_input: yes,
      pdf_input: no,
      server_tools: { supported: true, web_search: yes, code_execution: no },
      structured_outputs: yes,
      // It always reasons.
      thinking: { supported: true, types: { adaptive: yes, between_tools: no, disabled: no, enabled: yes } },
    });
    expect(byId.get("openai/gpt-4.1")).toMatchObject({
      effort: { supported: false, low: no, medium: no, high: no, xhigh: no, max: no },
      thinking: { supported: false, types: { adaptive: no, between_tools: no, disabled: yes, enabled: no } },
    });
    expect(byId.get("google/gemini-2.5-flash")).toMatchObject({
      citations: no,
      pdf_input: yes,
      thinking: { supported: true, types: { adaptive: yes, between_tools: no, disabled: yes, enabled: yes } },
    });
  });

  test("a capability that is claimed holds: the request goes through without a warning", async () => {
    const visit = new Visit(gateway);
    const client = visit.anthropic();
    const model = "google/gemini-2.5-flash";
    const { capabilities } = await client.models.retrieve(model);
    const ask = (more: object) =>
      client.messages.create({
        model,
        max_tokens: 16_000,
        messages: [{ role: "user", content: visit.marker }],
        ...more,
      });
    const asked = {
      enabled: { thinking: { type: "enabled", budget_tokens: 8192 } },
      adaptive: { thinking: { type: "adaptive" } },
      disabled: { thinking: { type: "disabled" } },
      between_tools: { thinking: { type: "between_tools" } },
    } as const;
    for (const [type, more] of Object.entries(asked)) {
      await ask(more);
      const clean = visit.seen.at(-1)?.headers.get("x-gaia-warnings") === null;
      expect([type, clean]).toEqual([type, capabilities?.thinking.types[type as keyof typeof asked].supported]);
    }
  });

  test("need a key", async () => {
    for (const path of ["/v1/models", "/v1/models/gpt-4.1", "/v1beta/models", "/v1beta/models/gemini-3.6-flash"]) {
      expect((await fetch(gateway.url + path)).status).toBe(401);
    }
  });
});

describe("embeddings", () => {
  const expected = { requests: [{ stop: null, streamed: false }], operation: "embed" };

  test.concurrent.each([["openai/text-embedding-3-small"], ["openrouter/openai/text-embedding-3-small"]])(
    "in OpenAI's shape with %s",
    async (model) => {
      const visit = new Visit(gateway);
      const asked = { model, input: [visit.marker, "two"], dimensions: 8, user: "user-7" };
      // The SDK asks for base64 by itself and decodes it.
      const { data, usage } = await visit.openai().embeddings.create(asked);
      const plain = await visit.openai().embeddings.create({ ...asked, encoding_format: "float" });
      expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
      for (const [index, { embedding }] of plain.data.entries()) {
        for (const [at, value] of embedding.entries()) expect(data[index]?.embedding[at]).toBeCloseTo(value, 5);
      }
      const { rows, books } = await checkMetered(visit, {
        ...expected,
        dialect: "openai-embeddings",
        model,
        requests: [...expected.requests, ...expected.requests],
        endUser: "user-7",
      });
      expect(books.map((entry) => (entry.body as { encoding_format: string }).encoding_format)).toEqual([
        "base64",
        "float",
      ]);
      expect(rows[0]?.tokens.input_uncached).toBe(usage.prompt_tokens);
    },
  );

  test.concurrent("in Google's shape, one and many", async () => {
    const visit = new Visit(gateway);
    const model = "google/gemini-embedding-001";
    const config = { outputDimensionality: 4 };
    const one = await visit.google().models.embedContent({ model, contents: visit.marker, config });
    const many = await visit.google().models.embedContent({ model, contents: [visit.marker, "two"], config });
    expect(one.embeddings?.map(({ values }) => values?.length)).toEqual([4]);
    expect(many.embeddings?.map(({ values }) => values?.length)).toEqual([4, 4]);
    expect(many.embeddings?.[0]?.values).toEqual(one.embeddings?.[0]?.values);
    await checkMetered(visit, {
      ...expected,
      dialect: "google-generate-content",
      model,
      requests: [...expected.requests, ...expected.requests],
    });
  });

  test.concurrent.each(["embedContent", "batchEmbedContents"])(
    "Google's %s, the model named in the body too",
    async (method) => {
      const visit = new Visit(gateway);
      const model = "google/gemini-embedding-001";
      const request = { model: `models/${model}`, content: { parts: [{ text: visit.marker }] } };
      const response = await fetch(`${gateway.url}/v1beta/models/${model}:${method}`, {
        method: "POST",
        headers: { "x-goog-api-key": gateway.apiKey, "content-type": "application/json" },
        body: JSON.stringify(method === "embedContent" ? request : { requests: [request] }),
      });
      expect(response.status).toBe(200);
      const [entry] = await visit.books(1);
      const sent = { ...request, model: "models/gemini-embedding-001" };
      expect(entry?.body).toEqual(method === "embedContent" ? sent : { requests: [sent] });
      expect(entry?.path).toBe(`/google/v1beta/models/gemini-embedding-001:${method}`);
    },
  );
});

describe("the key in any style on any path", () => {
  const STYLES = {
    bearer: (key: string) => ({ authorization: `Bearer ${key}` }),
    "bearer in lower case": (key: string) => ({ authorization: `bearer ${key}` }),
    "x-api-key": (key: string) => ({ "x-api-key": key }),
    "x-goog-api-key": (key: string) => ({ "x-goog-api-key": key }),
    "the same key twice": (key: string) => ({ authorization: `Bearer ${key}`, "x-api-key": key }),
  };
  const PATHS: [string, unknown][] = [
    ["/v1/chat/completions", { model: "gpt-4.1", messages: [{ role: "user", content: "hi" }] }],
    ["/v1/responses", { model: "gpt-4.1", input: "hi" }],
    ["/v1/messages", { model: "claude-haiku-4-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }],
    ["/v1/messages/count_tokens", { model: "claude-haiku-4-5", messages: [{ role: "user", content: "hi" }] }],
    ["/v1/embeddings", { model: "text-embedding-3-small", input: "hi" }],
    ["/v1/models/gemini-3.6-flash:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }],
    ["/v1beta/models/google/gemini-3.6-flash:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }],
    ["/v1beta/google/gemini-3.6-flash:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }],
    ["/v1beta/models/google%2Fgemini-3.6-flash:countTokens", { contents: [{ parts: [{ text: "hi" }] }] }],
  ];

  test.concurrent.each(PATHS)("%s", async (path, body) => {
    for (const style of Object.values(STYLES)) {
      const response = await fetch(gateway.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...style(gateway.apiKey) },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(200);
      await response.body?.cancel();
    }
  });

  test.concurrent.each(PATHS.filter(([path]) => path.includes(":")))("%s with ?key=", async (path, body) => {
    const response = await fetch(`${gateway.url}${path}?key=${gateway.apiKey}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });
});

describe("plain pages", () => {
  test("GET / and HEAD / answer without a key", async () => {
    const get = await fetch(`${gateway.url}/`);
    expect(await get.json()).toMatchObject({ name: "GaiaRouter", endpoints: expect.arrayContaining(["/v1/messages"]) });
    const head = await fetch(`${gateway.url}/`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("x-request-id")).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  test("GET /health says what it checked", async () => {
    const health = async (query: string) => (await fetch(`${gateway.url}/health${query}`)).json();
    expect(await health("")).toMatchObject({ status: "ok", checks: { ledger: { ok: true }, database: { ok: true } } });
    expect(await health("?database=skip")).toMatchObject({ status: "ok", checks: { database: { skipped: true } } });
  });
});
