import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { Visit } from "../sdk/visit.ts";

/** An attempt that is not over when its time is: the provider is let go, and the client told in its dialect. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ bindings: { UPSTREAM_TOTAL_TIMEOUT_MS: "1500" } });
});
afterAll(() => gateway?.stop());

interface Asking {
  path(model: string): string;
  body(model: string, text: string): object;
}

const messages = (text: string) => [{ role: "user", content: text }];
const GEMINI = (_: string, text: string) => ({ contents: [{ parts: [{ text }] }] });
const ASKINGS: Record<string, Asking> = {
  "Chat, usage asked for": {
    path: () => "/v1/chat/completions",
    body: (model, text) => ({ model, stream: true, messages: messages(text), stream_options: { include_usage: true } }),
  },
  Chat: {
    path: () => "/v1/chat/completions",
    body: (model, text) => ({ model, stream: true, messages: messages(text) }),
  },
  Responses: { path: () => "/v1/responses", body: (model, input) => ({ model, stream: true, input }) },
  Messages: {
    path: () => "/v1/messages",
    body: (model, text) => ({ model, stream: true, max_tokens: 4000, messages: messages(text) }),
  },
  Gemini: { path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`, body: GEMINI },
  "Gemini, an array": { path: (model) => `/v1beta/models/${model}:streamGenerateContent`, body: GEMINI },
};

async function ask(asking: Asking, model: string, visit: Visit): Promise<Response> {
  return fetch(gateway.url + asking.path(model), {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(asking.body(model, visit.marker)),
  });
}

async function rowOf(model: string): Promise<Record<string, unknown>> {
  const upstream = model.slice(model.indexOf("/") + 1);
  for (let tries = 0; tries < 200; tries++) {
    const [row] = await gateway.database
      .sql`select outcome, status, error_code, exact, output from usage_events where upstream_model = ${upstream}`;
    if (row !== undefined) return row;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no row came for ${model}`);
}

const TIMED_OUT = { outcome: "timeout", status: 504, error_code: "upstream_timeout" };
const MODELS = ["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "google/gemini-3.6-flash"];
const MESSAGE = "The provider took too long for its answer.";

describe("a stream that has begun", () => {
  const cases = MODELS.flatMap((model) => Object.keys(ASKINGS).map((name) => [name, model] as const));
  test.concurrent.each(cases)("%s of %s", async (name, served) => {
    // A model of each case's own, by which its row is found.
    const model = `${served}+chunks-1000+pace-${30 + Object.keys(ASKINGS).indexOf(name)}`;
    const visit = new Visit(gateway);
    const response = await ask(ASKINGS[name] as Asking, model, visit);
    expect(response.status).toBe(200);
    const text = await response.text();
    // It ends with the error, and with nothing behind it.
    if (name === "Gemini, an array") {
      expect(JSON.parse(text).at(-1)).toMatchObject({ error: { code: 504, message: MESSAGE } });
    } else {
      const events = text.trimEnd().split(/\r?\n\r?\n/);
      expect(events.length).toBeGreaterThan(2);
      expect(events.at(-1)).toContain(MESSAGE);
    }
    const row = await rowOf(model);
    expect(row).toMatchObject({ ...TIMED_OUT, exact: false });
    expect(Number(row.output)).toBeGreaterThan(0);
    const [entry] = await visit.books(1);
    expect(entry).toMatchObject({ clientGone: true });
  });
});

describe("before it has begun", () => {
  test.concurrent.each(MODELS)("headers that do not come, of %s", async (served) => {
    const model = `${served}+headers-after-9000`;
    const response = await ask(ASKINGS.Chat as Asking, model, new Visit(gateway));
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: "upstream_timeout" } }]);
    expect(await rowOf(model)).toMatchObject(TIMED_OUT);
  });

  test.concurrent.each(MODELS.slice(1))("a translated stream that does not begin, of %s", async (served) => {
    const model = `${served}+first-byte-after-9000`;
    const response = await ask(ASKINGS.Chat as Asking, model, new Visit(gateway));
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: "upstream_timeout" } }]);
    expect(await rowOf(model)).toMatchObject(TIMED_OUT);
  });

  test.concurrent.each(MODELS)("an answer in one piece, of %s", async (served) => {
    const model = `${served}+first-byte-after-9001`;
    const asking: Asking = {
      path: () => "/v1/chat/completions",
      body: (name, text) => ({ model: name, messages: messages(text) }),
    };
    const response = await ask(asking, model, new Visit(gateway));
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: "upstream_timeout" } }]);
    expect(await rowOf(model)).toMatchObject(TIMED_OUT);
  });

  test.concurrent.each(["openai/text-embedding-3-small", "google/gemini-embedding-001"])(
    "embeddings of %s",
    async (served) => {
      const model = `${served}+first-byte-after-9000`;
      const asking: Asking = { path: () => "/v1/embeddings", body: (name, input) => ({ model: name, input }) };
      const response = await ask(asking, model, new Visit(gateway));
      expect([response.status, await response.json()]).toMatchObject([504, { error: { code: "upstream_timeout" } }]);
      expect(await rowOf(model)).toMatchObject(TIMED_OUT);
    },
  );
});
